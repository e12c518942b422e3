/** `npm run revoke-key`: ends an API key, by its hash or by itself. */
import * as z from "zod";
import { hashApiKey, isApiKey } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { regionOption, tableOption } from "./arguments.ts";
import { type Command, execute } from "./command.ts";
import type { Outside } from "./outside.ts";
import { ask as askAws, Refused } from "./refused.ts";

const help = `npm run revoke-key -- --table <name> [--hash=<hash>]

Revokes an API key: within a minute it is refused everywhere. Without --hash, the key itself is
read from standard input, so that it gets into no list of processes and no history.

  --table <name>     the DynamoDB table: the output TableName of the stack
  --hash=<hash>      the hash that was shown with the key; it may begin with a dash
  --region <region>  where the stack is, if AWS_REGION or the profile does not say so

Credentials come from where the AWS CLI has them; AWS_PROFILE names a profile.
`;

const schema = z.object({
  table: tableOption,
  hash: z
    .string()
    .regex(/^[\w-]{43}$/, "must be the whole hash of a key: 43 of A-Z a-z 0-9 _ -")
    .optional(),
  region: regionOption,
});
type Ask = z.infer<typeof schema>;

const hashOf = async (input: () => Promise<string>): Promise<string> => {
  const key = (await input()).trim();
  if (isApiKey(key)) return hashApiKey(key);
  throw new Refused("What came in on standard input is not an API key (prk_…).");
};

const run = async (
  { table, hash: given }: Ask,
  { storage, clock }: Outside,
  input: () => Promise<string>,
): Promise<string> => {
  const hash = given ?? (await hashOf(input));
  return askAws(`the table ${table}`, async () => {
    const apiKeys = apiKeyStore(storage);
    const apiKey = await apiKeys.get(hash);
    if (!apiKey) throw new Refused("There is no such key in this table.");
    const { senderId, label, revokedAt } = apiKey;
    if (revokedAt === undefined) await apiKeys.revoke(hash, clock());
    return revokedAt === undefined
      ? `The key “${label}” of ${senderId} is revoked. It is refused everywhere within a minute.\n`
      : `The key “${label}” of ${senderId} was revoked at ${new Date(revokedAt).toISOString()}.\n`;
  });
};

export const revokeKey: Command<Ask> = {
  name: "revoke-key",
  help,
  accepted: { options: ["table", "hash", "region"], flags: [] },
  schema: () => schema,
  answersWithSecrets: false,
  run,
};

if (import.meta.main) await execute(revokeKey);
