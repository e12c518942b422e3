/** `npm run add-operator`: creates an API key of an operator, who manages senders over HTTP. */
import * as z from "zod";
import { hashApiKey, operatorScopes } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { createOperatorKey } from "../handlers/senders/keys.ts";
import { flag, placeRules, places } from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import { keyOptions, mayDo } from "./key-options.ts";
import type { Outside } from "./outside.ts";

const help = `npm run add-operator -- (--table <name> | --local)

Creates an API key of an operator: it creates and changes senders, their keys and their signing
secrets over HTTP, under /v1/senders. It opens no messages.

  --table <name>     the DynamoDB table: the output TableName of the stack
  --local            the local edition that runs on this machine, in place of --table
  --data-dir <dir>   the one that runs with this data directory; POSTRIDER_DATA_DIR by default
  --label <text>     whose key it is
  --scopes <list>    senders:write,senders:read; both by default
  --expires <time>   when the key ends, such as 2027-06-30T00:00:00Z; never by default
  --region <region>  the region, if neither AWS_REGION nor the profile has it
  --print            show the key though standard output is not a terminal

Credentials are found as by the AWS CLI; AWS_PROFILE names a profile. A local edition needs none:
its settings are read from the environment, as npm start reads them.
`;

const schemaAt = (now: number) =>
  z
    .object({ ...places, ...keyOptions(operatorScopes, now), print: flag })
    .check(placeRules("table"));
type Ask = z.infer<ReturnType<typeof schemaAt>>;

const run = async (
  { label = "made by add-operator", scopes = operatorScopes, expires }: Ask,
  { storage, clock, ask }: Outside,
): Promise<string> => {
  const deps = { apiKeys: apiKeyStore(storage), clock };
  const key = await ask(() => createOperatorKey(deps, { label, scopes, expiresAt: expires }));
  return [
    "",
    "  There is a new operator key.",
    "",
    `  API key    ${key}`,
    `  May        ${mayDo(scopes, expires)}`,
    `  Key hash   ${hashApiKey(key)}`,
    "",
    "  It manages all senders: as the header authorization: Bearer <key>. Only its hash is stored: it",
    "  cannot be shown again. Put it into a password manager or a secret store now, never into a",
    "  repository. The hash is not secret: keep it to revoke the key, with npm run revoke-key.",
    "",
    "",
  ].join("\n");
};

export const addOperator: Command<Ask> = {
  name: "add-operator",
  help,
  accepted: {
    options: ["table", "data-dir", "label", "scopes", "expires", "region"],
    flags: ["local", "print"],
  },
  schema: schemaAt,
  answersWithSecrets: true,
  run,
};

if (import.meta.main) await execute(addOperator);
