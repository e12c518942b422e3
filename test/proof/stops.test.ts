/** How a started edition ends, and what the next one finds: it is killed, or told to stop at work. */
import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isNow, killLeftovers, newDataDir, startProcess, until } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

afterAll(killLeftovers);

test("what was on the queue of a killed process is sent at its time by the next, not by a dispatcher", async () => {
  const dataDir = await newDataDir();
  const rarely = { POSTRIDER_DISPATCH_INTERVAL_MS: "3600000" };
  const first = await startProcess(dataDir, rarely);
  const receiver = await openReceiver();
  const deliverAt = Date.now() + 4000;
  await first.submit({
    ...{ messageId: "delayed", targetUrl: `${receiver.url}/hook` },
    deliverAt: new Date(deliverAt).toISOString(),
  });
  await first.kill();
  // What an earlier version kept its records in.
  await mkdir(join(dataDir, "queue"));

  const second = await startProcess(dataDir, rarely);
  await until(() => second.get("delayed"), isNow("COMPLETED"));

  expect(receiver.of("delayed").map(({ at }) => at >= deliverAt)).toEqual([true]);
  expect(await readdir(dataDir)).not.toContain("queue");
  receiver.close();
  await second.interrupt();
  await rm(dataDir, { recursive: true });
});

test("Ctrl-C closes kept connections at once, while a delivery that is under way may finish", async () => {
  const dataDir = await newDataDir();
  const first = await startProcess(dataDir);
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const receiver = await openReceiver(async () => {
    arrived.resolve();
    await answer.promise;
    return { status: 200 };
  });
  const port = Number(new URL(first.url).port);
  const kept = connect(port, "127.0.0.1");
  kept.write(`GET /healthz HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`);
  await once(kept, "data");
  await first.submit({ messageId: "slow", targetUrl: `${receiver.url}/hook` });
  await arrived.promise;

  const ended = first.interrupt();
  await once(kept.resume(), "close");
  // By npm, which passes on what the terminal has told this process already.
  process.kill(first.pid, "SIGINT");
  const later = await fetch(`${first.url}/healthz`).catch(() => "refused");
  answer.resolve();
  const code = await ended;
  const second = await startProcess(dataDir);

  expect([later, code]).toEqual(["refused", 0]);
  expect(await second.get("slow")).toMatchObject({ status: "COMPLETED", attempts: 1 });
  await second.interrupt();
  receiver.close();
  await rm(dataDir, { recursive: true });
});
