/** `npm run revoke-key`: ends an API key, by its hash or by itself. */
import * as z from "zod";
import { hashApiKey, isApiKey } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { revokeKey } from "../handlers/senders/keys.ts";
import { placeRules, places } from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import type { Outside } from "./outside.ts";
import { Refused } from "./refused.ts";

const help = `npm run revoke-key -- (--table <name> | --local) [--hash=<hash>]

Revokes an API key, of a sender or of an operator: within a minute it is refused everywhere. Without
--hash it reads the key itself from standard input, so that the key appears in no list of processes
and no shell history.

  --table <name>     the DynamoDB table: the output TableName of the stack
  --local            the local edition that runs on this machine, in place of --table
  --data-dir <dir>   the one that runs with this data directory; POSTRIDER_DATA_DIR by default
  --hash=<hash>      the hash that was shown with the key; it may begin with a dash
  --region <region>  the region, if neither AWS_REGION nor the profile has it

Credentials are found as by the AWS CLI; AWS_PROFILE names a profile. A local edition needs none:
its settings are read from the environment, as npm start reads them.
`;

const schema = z
  .object({
    ...places,
    hash: z
      .string()
      .regex(/^[\w-]{43}$/, "must be the whole hash of a key: 43 of A-Z a-z 0-9 _ -")
      .optional(),
  })
  .check(placeRules("table"));
type Ask = z.infer<typeof schema>;

const hashOf = async (input: () => Promise<string>): Promise<string> => {
  const key = (await input()).trim();
  if (isApiKey(key)) return hashApiKey(key);
  throw new Refused("What came in on standard input is not an API key (prk_…).");
};

const run = async (
  { hash: given }: Ask,
  { storage, clock, ask }: Outside,
  input: () => Promise<string>,
): Promise<string> => {
  const hash = given ?? (await hashOf(input));
  return ask(async () => {
    const apiKeys = apiKeyStore(storage);
    const apiKey = await apiKeys.get(hash);
    if (!apiKey) throw new Refused("There is no such key.");
    const { senderId = "an operator", label, revokedAt } = apiKey;
    if (revokedAt === undefined) await revokeKey({ apiKeys, clock }, hash);
    return revokedAt === undefined
      ? `The key “${label}” of ${senderId} is revoked. It is refused everywhere within a minute.\n`
      : `The key “${label}” of ${senderId} was revoked at ${new Date(revokedAt).toISOString()}.\n`;
  });
};

export const revokeKeyCommand: Command<Ask> = {
  name: "revoke-key",
  help,
  accepted: { options: ["table", "data-dir", "hash", "region"], flags: ["local"] },
  schema: () => schema,
  answersWithSecrets: false,
  run,
};

if (import.meta.main) await execute(revokeKeyCommand);
