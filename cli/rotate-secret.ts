/**
 * `npm run rotate-secret`: gives a sender a new signing secret; the previous ones keep signing for
 * a while.
 */
import * as z from "zod";
import { formatDuration, parseDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { overlapMsDefault } from "../domain/signing-secrets.ts";
import { senderStore } from "../entities/sender.ts";
import { newSecret, type RotationResult, rotateSecret } from "../handlers/signing.ts";
import { flag, placeRules, placesWithSecret, required, senderOption } from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import type { Outside } from "./outside.ts";
import { Refused } from "./refused.ts";
import { secretIn } from "./signing-secret-file.ts";

const help = `npm run rotate-secret -- (--table <name> --secret <ARN> | --local) --sender <id>

Gives a sender a new signing secret. The previous secrets keep signing until the overlap ends, so
that receivers can change over. Workers use the new one within a minute.

  --table <name>                the DynamoDB table: the output TableName of the stack
  --secret <ARN or name>        the secret with the master key: the output MasterKeySecret
  --local                       the local edition that runs on this machine, in place of both
  --data-dir <dir>              the one that runs with this data directory; POSTRIDER_DATA_DIR by
                                default
  --sender <id>                 the sender
  --overlap <duration>          how long the previous secrets keep signing, such as 7d or 12h;
                                1d by default, 0s for a leaked secret
  --signing-secret-file <file>  a file with a whsec_ secret to use; by default a new one is made
  --region <region>             the region, if neither AWS_REGION nor the profile has it
  --print                       show the secret though standard output is not a terminal

Credentials are found as by the AWS CLI; AWS_PROFILE names a profile. A local edition needs none:
its settings are read from the environment, as npm start reads them.
`;

const overlap = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= limits.overlapMsMax) return ms;
  context.addIssue({
    code: "custom",
    message: "must be a duration such as 12h or 7d, at most 90d; 0s for none",
  });
  return z.NEVER;
});

const schema = z
  .object({
    ...placesWithSecret,
    sender: senderOption,
    overlap: overlap.optional(),
    "signing-secret-file": required("secret.txt").optional(),
    print: flag,
  })
  .check(placeRules("table", "secret"));
type Ask = z.infer<typeof schema>;

const refusals: Readonly<Record<Extract<RotationResult, { kind: "refused" }>["why"], string>> = {
  "no-sender": "There is no such sender. npm run add-sender creates one.",
  "in-use":
    "The sender has this signing secret already. If you repeat a rotation, it has been done.",
  "not-a-secret": "The signing secret is not valid.",
  "too-many": `Already ${limits.signingSecretsMax} secrets sign. Wait until one has ended, or end the previous ones with --overlap 0s.`,
  raced: "Another rotation of this sender was faster. Nothing was changed. Check, then try again.",
};

const answerOf = ({ sender, overlap: overlapMs = overlapMsDefault }: Ask, whsec: string): string =>
  [
    "",
    `  The sender ${sender} has a new signing secret.`,
    "",
    `  Signing secret   ${whsec}`,
    `  The previous     ${overlapMs === 0 ? "have ended" : `keep signing for ${formatDuration(overlapMs)} at most`}`,
    "",
    "  Give it to the receivers of this sender's messages. It is stored encrypted and not shown again.",
    "  Running workers use it within a minute.",
    "",
    "",
  ].join("\n");

const run = async (asked: Ask, outside: Outside): Promise<string> => {
  const { storage, openVault, ask, clock } = outside;
  const { sender } = asked;
  const file = asked["signing-secret-file"];
  const whsec = file === undefined ? newSecret() : await secretIn(file);
  const vault = await openVault();
  const deps = { senders: senderStore(storage), vault, clock };
  const result = await ask(() => rotateSecret(deps, sender, whsec, asked.overlap));
  if (result.kind === "refused") throw new Refused(refusals[result.why]);
  return answerOf(asked, whsec);
};

export const rotateSecretCommand: Command<Ask> = {
  name: "rotate-secret",
  help,
  accepted: {
    options: [
      ...["table", "secret", "data-dir", "sender", "overlap"],
      ...["signing-secret-file", "region"],
    ],
    flags: ["local", "print"],
  },
  schema: () => schema,
  answersWithSecrets: true,
  run,
};

if (import.meta.main) await execute(rotateSecretCommand);
