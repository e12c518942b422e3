/** `npm run add-sender`: makes a sender and its first API key, or another key of one that is there. */
import * as z from "zod";
import { hashApiKey, type Scope, scopes } from "../domain/api-key.ts";
import { parseTime } from "../domain/time.ts";
import { senderStore } from "../entities/sender.ts";
import {
  flag,
  labelOption,
  regionOption,
  required,
  secretOption,
  senderOption,
  tableOption,
} from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import { type Enrolled, enrol } from "./enrol.ts";
import { type Outside, openVault } from "./outside.ts";
import { ask as askAws, Refused } from "./refused.ts";
import { secretFrom } from "./signing-secret-file.ts";

const help = `npm run add-sender -- --table <name> --secret <ARN> --sender <id>

Makes a sender with a signing secret, and an API key for it. If the sender is there already, it
gets another key, its signing secret stays as it is, and its other keys go on working.

  --table <name>                the DynamoDB table: the output TableName of the stack
  --secret <ARN or name>        the secret with the master key: the output MasterKeySecret
  --sender <id>                 1 to 128 of A-Z a-z 0-9 _ . : -
  --label <text>                what the key is for
  --scopes <list>               messages:write,messages:read; both if nothing is said
  --expires <time>              when the key ends, such as 2027-06-30T00:00:00Z; never otherwise
  --signing-secret-file <file>  a whsec_ secret that receivers hold already; a new one otherwise
  --region <region>             where the stack is, if AWS_REGION or the profile does not say so
  --print                       show the key though standard output is not a terminal

Credentials come from where the AWS CLI has them; AWS_PROFILE names a profile.
`;

const scopeList = z
  .string()
  .transform((text) => text.split(",").map((scope) => scope.trim()))
  .pipe(z.array(z.enum(scopes, `must be one or more of ${scopes.join(", ")}`)).min(1))
  .transform((list): readonly Scope[] => scopes.filter((scope) => list.includes(scope)));

const expiry = (now: number) =>
  z
    .string()
    .transform((text, context) => {
      const parsed = parseTime(text);
      if ("ms" in parsed) return parsed.ms;
      context.addIssue({ code: "custom", message: parsed.fault });
      return z.NEVER;
    })
    .refine((expiresAt) => expiresAt > now, "must be in the future");

const schemaAt = (now: number) =>
  z.object({
    table: tableOption,
    secret: secretOption,
    sender: senderOption,
    label: labelOption.min(1, "must not be empty").optional(),
    scopes: scopeList.optional(),
    expires: expiry(now).optional(),
    "signing-secret-file": required("secret.txt").optional(),
    region: regionOption,
    print: flag,
  });
type Ask = z.infer<ReturnType<typeof schemaAt>>;

const answerOf = ({ sender, expires, scopes: allowed = scopes }: Ask, made: Enrolled): string => {
  const { apiKey, whsec } = made;
  const until = expires === undefined ? "" : `, until ${new Date(expires).toISOString()}`;
  return [
    "",
    whsec
      ? `  The sender ${sender} is there, with a signing secret and an API key.`
      : `  The sender ${sender} was there already, and has another API key.`,
    "",
    `  API key          ${apiKey}`,
    `  May              ${allowed.join(", ")}${until}`,
    `  Key hash         ${hashApiKey(apiKey)}`,
    `  Signing secret   ${whsec ?? "as it was"}`,
    "",
    "  The key goes to whoever submits messages, as the header",
    "  authorization: Bearer <key>. Only its hash is stored: nobody can show it again.",
    ...(whsec
      ? [
          "  The signing secret goes to whoever receives them, to verify signatures with.",
          "  It is stored encrypted, and not shown again.",
        ]
      : []),
    `  ${whsec ? "Put both" : "Put it"} into a password manager or a secret store now, and into no file of a`,
    "  repository. The hash is no secret: keep it, it revokes the key.",
    "",
    "",
  ].join("\n");
};

const run = async (asked: Ask, { storage, readSecret, clock }: Outside): Promise<string> => {
  const { table, sender: senderId, secret, label = "made by add-sender" } = asked;
  const file = asked["signing-secret-file"];
  const whsec = await secretFrom(file);
  const vault = await openVault(readSecret, secret);
  return askAws(`the table ${table}`, async () => {
    const sender = await senderStore(storage).get(senderId);
    if (file !== undefined && sender?.signingSecrets?.length)
      throw new Refused(
        `The sender ${senderId} has a signing secret, which stays. npm run rotate-secret puts another in its place.`,
      );
    const key = { senderId, label, scopes: asked.scopes ?? scopes, expiresAt: asked.expires };
    return answerOf(asked, await enrol({ storage, vault, clock }, key, whsec));
  });
};

export const addSender: Command<Ask> = {
  name: "add-sender",
  help,
  accepted: {
    options: [
      ...["table", "secret", "sender", "label", "scopes", "expires"],
      ...["signing-secret-file", "region"],
    ],
    flags: ["print"],
  },
  schema: schemaAt,
  answersWithSecrets: true,
  run,
};

if (import.meta.main) await execute(addSender);
