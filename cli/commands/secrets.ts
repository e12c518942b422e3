import { Command } from "commander";
import * as z from "zod";
import { parseDuration } from "../../domain/duration.ts";
import { limits } from "../../domain/limits.ts";
import { required, senderOption } from "../arguments.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import { checkSecretOutput, withPrint } from "../secret-output.ts";
import type { SenderWithSecret } from "../sender-answers.ts";
import { newSecretLines, senderLines } from "../sender-lines.ts";
import { show } from "../show.ts";
import { secretIn } from "../signing-secret-file.ts";
import { type WithOperator, withOperator } from "../with-client.ts";

const overlapFault = "must be a duration such as 12h or 7d, at most 90d; 0s for none";
const schema = z.object({
  senderId: senderOption,
  overlap: z
    .string()
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= limits.overlapMsMax, {
      message: overlapFault,
    })
    .optional(),
  signingSecretFile: required("secret.txt").optional(),
});

const rotate = (io: Io): Command =>
  withPrint(new Command("rotate").argument("<senderId>", "the id of the sender"))
    .summary("give a sender a new signing secret")
    .description(
      "Gives a sender a new signing secret, and shows it this once. The previous ones keep signing until the overlap ends, so that receivers can change over.",
    )
    .option("--overlap <duration>", "how long: such as 7d, 24h by default, 0s for a leaked secret")
    .option("--signing-secret-file <file>", "a file with a whsec_ secret to use")
    .action(async (_senderId: string, _options: object, command: Command) => {
      const { senderId, overlap, signingSecretFile: file } = parseOptions(command, schema);
      checkSecretOutput(io, command);
      const signingSecret = file === undefined ? undefined : await secretIn(file);
      const ifUnanswered = `See postrider senders get ${senderId}. If there is a new secret that you have not seen, rotate again.`;
      const work = async ({ call }: WithOperator): Promise<void> => {
        const path = `/v1/senders/${encodeURIComponent(senderId)}/secrets/rotate`;
        const body = { overlap, signingSecret };
        // Not ended by Ctrl-C, which would lose what is shown this once.
        const made = await call<SenderWithSecret>({ method: "POST", path, body });
        const lines = [...senderLines(made), ...newSecretLines(made.signingSecret)];
        show(io, commonOf(command).json, made, lines);
      };
      await withOperator(io, command, work, { ifUnanswered });
    });

export const secrets = (io: Io): Command =>
  new Command("secrets")
    .summary("rotate the signing secret of a sender (operator)")
    .description(
      "Signing secrets of a sender. Needs an operator's key, which the local edition has.",
    )
    .addCommand(rotate(io))
    .addHelpText("after", examples("postrider secrets rotate shop --overlap 7d"));
