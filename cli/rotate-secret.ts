/** `npm run rotate-secret`: gives a sender another signing secret; the others sign on for a while. */
import * as z from "zod";
import { formatDuration, parseDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { overlapMsDefault } from "../domain/signing-secrets.ts";
import { senderStore } from "../entities/sender.ts";
import { type RotationResult, rotateSecret } from "../handlers/signing.ts";
import {
  flag,
  regionOption,
  required,
  secretOption,
  senderOption,
  tableOption,
} from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import { type Outside, openVault } from "./outside.ts";
import { ask as askAws, Refused } from "./refused.ts";
import { secretFrom } from "./signing-secret-file.ts";

const help = `npm run rotate-secret -- --table <name> --secret <ARN> --sender <id>

Gives a sender another signing secret. Those that it has sign on beside it for the overlap, so that
receivers can change over; workers know the new one within a minute.

  --table <name>                the DynamoDB table: the output TableName of the stack
  --secret <ARN or name>        the secret with the master key: the output MasterKeySecret
  --sender <id>                 whose secret it is
  --overlap <duration>          how long the others sign on, such as 7d or 12h; 1d if nothing is
                                said, 0s for a secret that got about
  --signing-secret-file <file>  a whsec_ secret to take; a new one otherwise
  --region <region>             where the stack is, if AWS_REGION or the profile does not say so
  --print                       show the secret though standard output is not a terminal

Credentials come from where the AWS CLI has them; AWS_PROFILE names a profile.
`;

const overlapMsMax = 90 * 86_400_000;

const overlap = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= overlapMsMax) return ms;
  context.addIssue({
    code: "custom",
    message: "must be a duration such as 12h or 7d, at most 90d; 0s for none",
  });
  return z.NEVER;
});

const schema = z.object({
  table: tableOption,
  secret: secretOption,
  sender: senderOption,
  overlap: overlap.optional(),
  "signing-secret-file": required("secret.txt").optional(),
  region: regionOption,
  print: flag,
});
type Ask = z.infer<typeof schema>;

const refusals: Readonly<Record<Extract<RotationResult, { kind: "refused" }>["why"], string>> = {
  "no-sender": "There is no such sender in this table. npm run add-sender makes one.",
  "not-a-secret": "What was given is not a signing secret.",
  "too-many": `Already ${limits.signingSecretsMax} secrets sign. Wait until one has ended, or end all others with --overlap 0s.`,
  raced: "Somebody else has rotated it at this moment. Nothing was changed: look, then try again.",
};

const answerOf = ({ sender, overlap: overlapMs = overlapMsDefault }: Ask, whsec: string): string =>
  [
    "",
    `  The sender ${sender} has a new signing secret.`,
    "",
    `  Signing secret   ${whsec}`,
    `  The others       ${overlapMs === 0 ? "have ended" : `sign on for ${formatDuration(overlapMs)} at most`}`,
    "",
    "  It goes to whoever receives this sender's messages. It is stored encrypted, and not shown",
    "  again. Workers that run know it within a minute.",
    "",
    "",
  ].join("\n");

const run = async (asked: Ask, { storage, readSecret, clock }: Outside): Promise<string> => {
  const { table, secret, sender } = asked;
  const whsec = await secretFrom(asked["signing-secret-file"]);
  const vault = await openVault(readSecret, secret);
  const deps = { senders: senderStore(storage), vault, clock };
  const result = await askAws(`the table ${table}`, () =>
    rotateSecret(deps, sender, whsec, asked.overlap),
  );
  if (result.kind === "refused") throw new Refused(refusals[result.why]);
  return answerOf(asked, whsec);
};

export const rotateSecretCommand: Command<Ask> = {
  name: "rotate-secret",
  help,
  accepted: {
    options: ["table", "secret", "sender", "overlap", "signing-secret-file", "region"],
    flags: ["print"],
  },
  schema: () => schema,
  answersWithSecrets: true,
  run,
};

if (import.meta.main) await execute(rotateSecretCommand);
