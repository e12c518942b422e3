/**
 * `npm run add-sender`: creates a sender and its first API key, or another key of an existing
 * sender.
 */
import * as z from "zod";
import { hashApiKey, scopes } from "../domain/api-key.ts";
import { type Enrolled, enrol } from "../handlers/enrol.ts";
import { registryOf } from "../handlers/senders/registry.ts";
import { newSecret } from "../handlers/signing.ts";
import { flag, placeRules, placesWithSecret, required, senderOption } from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import { keyOptions, mayDo } from "./key-options.ts";
import type { Outside } from "./outside.ts";
import { Refused } from "./refused.ts";
import { secretIn } from "./signing-secret-file.ts";

const help = `npm run add-sender -- (--table <name> --secret <ARN> | --local) --sender <id>

Creates a sender with a signing secret, and an API key for it. A sender that exists gets another
key; its signing secret and its other keys stay as they are.

  --table <name>                the DynamoDB table: the output TableName of the stack
  --secret <ARN or name>        the secret with the master key: the output MasterKeySecret
  --local                       the local edition that runs on this machine, in place of both
  --data-dir <dir>              the one that runs with this data directory; POSTRIDER_DATA_DIR by
                                default
  --sender <id>                 1 to 128 of A-Z a-z 0-9 _ . : -
  --label <text>                what the key is for
  --scopes <list>               messages:write,messages:read; both by default
  --expires <time>              when the key ends, such as 2027-06-30T00:00:00Z; never by default
  --signing-secret-file <file>  a file with a whsec_ secret that receivers have already; by default
                                a new one is made
  --region <region>             the region, if neither AWS_REGION nor the profile has it
  --print                       show the key though standard output is not a terminal

Credentials are found as by the AWS CLI; AWS_PROFILE names a profile. A local edition needs none:
its settings are read from the environment, as npm start reads them.
`;

const schemaAt = (now: number) =>
  z
    .object({
      ...placesWithSecret,
      sender: senderOption,
      ...keyOptions(scopes, now),
      "signing-secret-file": required("secret.txt").optional(),
      print: flag,
    })
    .check(placeRules("table", "secret"));
type Ask = z.infer<ReturnType<typeof schemaAt>>;

const answerOf = ({ sender, expires, scopes: allowed = scopes }: Ask, made: Enrolled): string => {
  const { apiKey, whsec } = made;
  return [
    "",
    whsec
      ? `  The sender ${sender} now has a signing secret and an API key.`
      : `  The sender ${sender} existed already and has another API key.`,
    "",
    `  API key          ${apiKey}`,
    `  May              ${mayDo(allowed, expires)}`,
    `  Key hash         ${hashApiKey(apiKey)}`,
    `  Signing secret   ${whsec ?? "unchanged"}`,
    "",
    "  Give the key to whoever submits messages, as the header",
    "  authorization: Bearer <key>. Only its hash is stored: it cannot be shown again.",
    ...(whsec
      ? [
          "  Give the signing secret to the receivers, to verify signatures with.",
          "  It is stored encrypted and not shown again.",
        ]
      : []),
    `  Put ${whsec ? "both" : "it"} into a password manager or a secret store now, never into a repository.`,
    "  The hash is not secret: keep it to revoke the key.",
    "",
    "",
  ].join("\n");
};

const run = async (asked: Ask, outside: Outside): Promise<string> => {
  const { storage, openVault, ask, clock } = outside;
  const { sender: senderId, label = "made by add-sender" } = asked;
  const file = asked["signing-secret-file"];
  const whsec = file === undefined ? newSecret() : await secretIn(file);
  const vault = await openVault();
  return ask(async () => {
    const registry = registryOf(storage);
    const sender = await registry.senders.get(senderId);
    if (file !== undefined && sender?.signingSecrets?.length)
      throw new Refused(
        `The sender ${senderId} already has a signing secret. Use npm run rotate-secret to replace it.`,
      );
    const key = { senderId, label, scopes: asked.scopes ?? scopes, expiresAt: asked.expires };
    return answerOf(asked, await enrol({ ...registry, vault, clock }, key, { whsec }));
  });
};

export const addSender: Command<Ask> = {
  name: "add-sender",
  help,
  accepted: {
    options: [
      ...["table", "secret", "data-dir", "sender", "label", "scopes", "expires"],
      ...["signing-secret-file", "region"],
    ],
    flags: ["local", "print"],
  },
  schema: schemaAt,
  answersWithSecrets: true,
  run,
};

if (import.meta.main) await execute(addSender);
