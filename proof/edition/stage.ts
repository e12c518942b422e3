import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Clock } from "../../adapters/clock.ts";
import type { AuditFinding } from "../../domain/audit-rule.ts";
import { readCopy } from "../run-audit/read-copy.ts";
import { type Look, lookOf } from "../run-audit/unattended.ts";
import type { Shares } from "./behaviour.ts";
import { checkoutInto } from "./checkout.ts";
import { freePort, type LogLine } from "./edition-process.ts";
import { endings, unsettledOf } from "./endings.ts";
import { mergedLog, openLog, type RunEvent, readLog } from "./log.ts";
import { startReceiver } from "./receiver-process.ts";
import { openSender } from "./sender.ts";
import { addTenants } from "./tenants.ts";
import { traffic } from "./traffic.ts";

/** What everybody saw, and what the product's own audit finds wrong with the table. */
type Strike = { readonly log: readonly RunEvent[]; readonly damage: readonly AuditFinding[] };

/**
 * Everything that a run has around the edition: a copy of the product, a data directory with two
 * senders, a receiver that fails by share, a sender, and their logs. All of it is under `dir`.
 */
export const setStage = async (options: {
  readonly dir: string;
  readonly seed: number;
  readonly shares: Shares;
  readonly delayMs: number;
  /** How long a sender tries to have a message taken. */
  readonly senderPatienceMs: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
}) => {
  const { dir, seed, shares, delayMs, settings, clock, senderPatienceMs: patienceMs } = options;
  const [home, dataDir] = [join(dir, "home"), join(dir, "data")];
  const fileOf = (name: string) => join(dir, `${name}.jsonl`);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await checkoutInto(home);
  const tenants = await addTenants(dataDir, ["shop", "other"]);
  const secrets = Object.fromEntries(tenants.map((each) => [each.senderId, each.signingSecret]));
  const receiver = await startReceiver(fileOf("receiver"), { secrets, shares, seed, delayMs });

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ends = endings(clock);
  const [senderLog, faultLog] = [openLog(fileOf("sender")), openLog(fileOf("faults"))];
  const sender = openSender({ url, tenants, log: senderLog, clock, patienceMs });
  const senderIds = tenants.map(({ senderId }) => senderId);

  const looks: Look[] = [];
  const lineLog = createWriteStream(fileOf("edition"));
  const onLine = (line: LogLine): void => {
    ends.read(line);
    const unsettled = unsettledOf(line, clock());
    if (unsettled) faultLog.write(unsettled);
    const look = lookOf(line);
    if (look) looks.push(look);
    lineLog.write(`${JSON.stringify(line)}\n`);
  };

  /** Ends all but the edition, which has to have stopped, and gives back what everybody saw. */
  const strike = async (): Promise<Strike> => {
    await receiver.stop();
    sender.close();
    lineLog.end();
    await Promise.all([senderLog.close(), faultLog.close(), finished(lineLog)]);
    const { stored, damage } = await readCopy(dataDir, join(dir, "copy"), clock);
    const logs = await Promise.all(["sender", "faults", "receiver"].map(fileOf).map(readLog));
    return { log: mergedLog(...logs, stored), damage };
  };
  return {
    ...{ url, receiver, sender, ends, faultLog, looks, strike },
    edition: { home, dataDir, port, settings, onLine },
    messageOf: traffic({ senderIds, receiverUrl: receiver.url, seed }),
  };
};
