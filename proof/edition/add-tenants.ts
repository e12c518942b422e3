import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { readSettings } from "../../adapters/read-settings.ts";
import { print } from "../../adapters/terminal.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { scopes } from "../../domain/api-key.ts";
import { enrolNew } from "../../handlers/enrol.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { masterKeys } from "../../local/master-key.ts";
import type { Tenant } from "./tenants.ts";

/** In a process of its own: the files are free for the edition when it has ended. */
const [dataDir = "", ...senderIds] = process.argv.slice(2);
const settings = readSettings("local", { POSTRIDER_DATA_DIR: dataDir });
const { stop, ...engine } = await startTable({ dataDir });
const client = dynamoDbClient({ ...engine, requestTimeoutMs: 10_000 });
await ensureTable(client, table);
const vault = masterKeyVault(await masterKeys(settings));
const deps = { ...registryOf({ client, table }), vault, clock: systemClock };

const tenants: Tenant[] = [];
for (const senderId of senderIds) {
  const made = await enrolNew(deps, { senderId, scopes, label: "of a run" });
  tenants.push({ senderId, ...made });
}
client.destroy();
await stop();
print(`${JSON.stringify(tenants)}\n`);
process.exit(0);
