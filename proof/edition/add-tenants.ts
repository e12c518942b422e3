import { secretBytes } from "../../adapters/chance.ts";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { localVariables, readSettings } from "../../adapters/settings.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { formatApiKey, hashApiKey, keyEntropyBytes, scopes } from "../../domain/api-key.ts";
import { printable } from "../../domain/printable.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { senderStore } from "../../entities/sender.ts";
import { newSecret, sealSecret } from "../../handlers/signing.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { masterKeys } from "../../local/master-key.ts";
import type { Tenant } from "./tenants.ts";

/** In a process of its own: the files are free for the edition when it has ended. */
const [dataDir = "", ...senderIds] = process.argv.slice(2);
const settings = readSettings(localVariables, { POSTRIDER_DATA_DIR: dataDir });
const { stop, ...engine } = await startTable({ dataDir });
const client = dynamoDbClient({ ...engine, requestTimeoutMs: 10_000 });
await ensureTable(client, table);
const vault = masterKeyVault(await masterKeys(settings));
const storage = { client, table };

const tenants: Tenant[] = [];
for (const senderId of senderIds) {
  const createdAt = systemClock();
  const signingSecret = newSecret();
  const sealed = sealSecret(vault, senderId, signingSecret, createdAt);
  if (!sealed) throw new Error("A new signing secret is none");
  await senderStore(storage).create({ senderId, createdAt, signingSecrets: [sealed] });
  const apiKey = formatApiKey(secretBytes(keyEntropyBytes));
  const hash = hashApiKey(apiKey);
  await apiKeyStore(storage).create({ hash, senderId, scopes, label: "of a run", createdAt });
  tenants.push({ senderId, apiKey, signingSecret });
}
client.destroy();
await stop();
process.stdout.write(printable(`${JSON.stringify(tenants)}\n`));
process.exit(0);
