import { mkdir } from "node:fs/promises";
import { inProcessClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { environment } from "../../adapters/environment.ts";
import { guardedPost } from "../../adapters/http.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import { readSettings } from "../../adapters/read-settings.ts";
import { print } from "../../adapters/terminal.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { compose } from "../../handlers/compose.ts";
import { targetPolicyOf } from "../../handlers/target-policy.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";
import { startHttpServer } from "../../local/http-server.ts";
import { invocationContext } from "../../local/invocation.ts";
import { masterKeys } from "../../local/master-key.ts";
import { openQueues } from "../../local/queues.ts";
import { jsonLog } from "../../local/terminal-log.ts";
import { startTicker } from "../../local/ticker.ts";

/**
 * The local edition as it is but for its workers: the same parts over the same data directory,
 * with endpoint and dispatcher, and nobody who takes records from the queue. The product has no
 * switch for that.
 */
const settings = readSettings("local", environment());
const dataDir = settings.dataDir;
const log = jsonLog((line) => print(`${line}\n`), systemClock);

await mkdir(dataDir, { recursive: true, mode: 0o700 });
const embeddedTable = await startTable({ dataDir });
const client = inProcessClient(embeddedTable.call);
const storage = { client, table };
await ensureTable(client, table);

const visibilityMs = settings.leaseMs + settings.clockMarginMs;
const { queue } = openQueues({ clock: systemClock, visibilityMs, receivesMax: 5 });
const handlers = compose(
  {
    storage,
    queue,
    post: guardedPost({ policy: targetPolicyOf(settings), clock: systemClock }),
    vault: masterKeyVault(await masterKeys(settings)),
    log,
    metrics: noMetrics,
  },
  settings,
);
const { fetch } = handlers.api();
const server = await startHttpServer({ fetch, port: settings.port, drainMs: 5000 });
const dispatch = handlers.dispatcher();
const ticker = startTicker({
  everyMs: settings.dispatchIntervalMs,
  run: (stopping) =>
    dispatch({}, invocationContext({ timeoutMs: 60_000, clock: systemClock, stopping })),
  onError: (error) => log.failure("the dispatcher failed", error),
});
log.note(`Listening on ${server.url}, without workers`);

process.once("SIGINT", async () => {
  await ticker.stop();
  await server.stop();
  client.destroy();
  await embeddedTable.stop();
  process.exit(0);
});
