import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "@jest/globals";
import {
  type EditionProcess,
  killLeftovers,
  newDataDir,
  startProcess,
  until,
} from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

afterAll(killLeftovers);

const settings = {
  ...{ POSTRIDER_LEASE_MS: "2000", POSTRIDER_TIMEOUT_MS: "1000", POSTRIDER_GRACE_MS: "2000" },
  ...{ POSTRIDER_DISPATCH_INTERVAL_MS: "500", POSTRIDER_RETRY_SCHEDULE: "1s,1s" },
};
const ids = Array.from({ length: 150 }, (_, index) => `message-${index}`);
/** The edition is killed when the receiver has got so many requests of replays. */
const killedAt: readonly number[] = [3, 60, 140];

const asker = ({ url, apiKey }: EditionProcess) => {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  return async (path: string, body?: object) => {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const answer = await fetch(`${url}/v1/${path}`, { ...init, headers });
    // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the test itself.
    return (await answer.json()) as any;
  };
};

type Action = { readonly by: { readonly jobId?: string } };

test("kill -9 in the middle of two jobs over the same messages leaves each replayed once", async () => {
  const dataDir = await newDataDir();
  let isMended = false;
  let requests = 0;
  let atRequest = (): void => {};
  const receiver = await openReceiver(() => {
    if (!isMended) return { status: 410 };
    requests += 1;
    atRequest();
    // Of every four answers one is final, one is to be tried again, and two accept.
    return { status: [410, 503, 200, 200][requests % 4] ?? 200 };
  });
  let edition = await startProcess(dataDir, settings);
  await Promise.all(
    ids.map((messageId) => edition.submit({ messageId, targetUrl: `${receiver.url}/hook` })),
  );
  for (const messageId of ids)
    await until(
      () => edition.get(messageId),
      ({ status }) => status === "FAILED",
    );
  isMended = true;

  const asked = { action: "replay", filter: {}, canary: false, ratePerSecond: 50 };
  const jobIds: string[] = [];
  for (let made = 0; made < 2; made += 1) jobIds.push((await asker(edition)("jobs", asked)).jobId);
  for (const count of killedAt) {
    await new Promise<void>((reached) => {
      atRequest = () => requests >= count && reached();
      atRequest();
    });
    await edition.kill();
    edition = await startProcess(dataDir, settings);
  }

  const ask = asker(edition);
  for (const jobId of jobIds)
    await until(
      () => ask(`jobs/${jobId}`),
      ({ status }) => status === "DONE",
    );
  const messages = await Promise.all(
    ids.map((messageId) =>
      until(
        () => edition.get(messageId),
        ({ status }) => ["COMPLETED", "FAILED"].includes(status),
      ),
    ),
  );
  const entries = await Promise.all(
    ids.map(async (messageId) => (await ask(`messages/${messageId}/history`)).events),
  );
  const ended = await Promise.all(jobIds.map((jobId) => ask(`jobs/${jobId}`)));
  const counts = await Promise.all(jobIds.map((jobId) => ask(`jobs/${jobId}/counts`)));

  expect(messages.filter(({ replays }) => replays !== 1)).toEqual([]);
  // Each job has at most one entry of each message. Which of two that died did it may not be known.
  const ofJobs = entries.map((events) =>
    events.filter(({ kind }: { readonly kind: string }) => kind === "action"),
  );
  expect(ofJobs.filter((each) => each.length < 1 || each.length > 2)).toEqual([]);
  // What one job has replayed before the other one reads the list is not in that list any more.
  const [one = 0, other = 0] = ended.map(({ progress }) => progress.done + progress.failed);
  expect(one + other).toBeGreaterThanOrEqual(ids.length);
  expect(Math.max(one, other)).toBeLessThanOrEqual(ids.length);
  expect(counts.map(({ counted }) => counted)).toEqual([one, other]);
  // Whatever a job has an entry of, it counts.
  for (const [index, jobId] of jobIds.entries()) {
    const own = ofJobs.filter((each) => each.some(({ by }: Action) => by.jobId === jobId));
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual([one, other][index] ?? 0);
  }
  await edition.interrupt();
  receiver.close();
  await rm(dataDir, { recursive: true });
});
