import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "@jest/globals";
import { killLeftovers, newDataDir, startProcess, until } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

afterAll(killLeftovers);

test("kill -9 with 200 messages in flight loses none that was acknowledged", async () => {
  const dataDir = await newDataDir();
  const receiver = await openReceiver();
  const settings = {
    ...{ POSTRIDER_LEASE_MS: "2000", POSTRIDER_TIMEOUT_MS: "1000", POSTRIDER_GRACE_MS: "2000" },
    ...{ POSTRIDER_DISPATCH_INTERVAL_MS: "500", POSTRIDER_RETRY_SCHEDULE: "1s,1s,1s,1s" },
  };
  const first = await startProcess(dataDir, settings);
  const ids = Array.from({ length: 200 }, (_, index) => `message-${index}`);

  const acknowledged: string[] = [];
  const submitting = ids.map(async (messageId) => {
    const { status } = await first.submit({ messageId, targetUrl: `${receiver.url}/hook` });
    if (status === 202) acknowledged.push(messageId);
    // In the thick of it: some are done, some are on their way, some have yet to be taken.
    if (acknowledged.length === 100) await first.kill();
  });
  await Promise.allSettled(submitting);
  const second = await startProcess(dataDir, settings);

  expect(acknowledged.length).toBeGreaterThanOrEqual(100);
  for (const messageId of acknowledged)
    await until(
      () => second.get(messageId),
      ({ status }) => status === "COMPLETED",
    );
  for (const messageId of acknowledged) expect(receiver.of(messageId).length).toBeGreaterThan(0);
  await second.interrupt();
  receiver.close();
  await rm(dataDir, { recursive: true });
});
