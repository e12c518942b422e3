/** A job whose process dies at any of its calls: it ends, and does nothing twice. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { entryIdOfJob, entryOf } from "../../domain/action-entry.ts";
import { replayOf } from "../../domain/replay.ts";
import { actionStore } from "../../entities/action.ts";
import { jobStore } from "../../entities/job.ts";
import { awsError } from "../support/faults.ts";
import { jobsOn } from "../support/jobs.ts";
import { options, useService } from "../support/service.ts";

const service = useService({ shards: 1 });
const jobs = jobsOn(service);
beforeAll(() => jobs.open());
afterAll(() => jobs.close());

const commands = [
  ...["GetItem", "PutItem", "UpdateItem", "Query", "BatchGetItem"],
  ...["SendMessage", "SendMessageBatch"],
];

/** Lets everything fail from the nth call on. `after`: that one is carried out all the same. */
const dieAt = (nth: number, when: "before" | "after"): void => {
  const error = awsError("AccessDeniedException");
  let calls = 0;
  const isDead = (): boolean => {
    calls += 1;
    return when === "before" ? calls >= nth : calls > nth;
  };
  for (const command of commands) {
    service.faults.inject({ command, when: "before", error, on: isDead });
    service.faults.inject({ command, when: "after", error, on: () => calls >= nth });
  }
};

/** Two messages that FAILED, and a job that replays them. */
const arrange = async (): Promise<{ messageIds: readonly string[]; jobId: string }> => {
  service.advance(3_600_000);
  const filter = { from: new Date(service.now()).toISOString() };
  const messageIds = await jobs.many(2);
  const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
  return { messageIds, jobId };
};

const judge = async ({ messageIds, jobId }: Awaited<ReturnType<typeof arrange>>) => {
  const { status, progress } = await jobs.read(jobId);
  const { json } = await service.request(`/v1/jobs/${jobId}/counts`);
  // At the rate of ten a second, the second message begins a tenth of a second later.
  return {
    status,
    progress: { ...progress, scheduled: 0 },
    counted: json.counted,
    replays: await jobs.replays(messageIds),
  };
};
const asItShouldBe = {
  status: "DONE",
  progress: { done: 2, failed: 0, left: 0, scheduled: 0 },
  counted: 2,
  replays: [1, 1],
};

describe.each(["before", "after"] as const)("A run that dies %s a call", (when) => {
  test("leaves a job that the next runs finish, whichever call it is", async () => {
    const wrong: unknown[] = [];
    let callsMax = 0;
    for (let nth = 1; nth <= Math.max(callsMax, 10); nth += 1) {
      const made = await arrange();
      const before = service.faults.calls.length;
      dieAt(nth, when);
      await service.dispatch().catch(() => {});
      service.faults.clear();
      if (nth === 1) callsMax = 10;
      else callsMax = Math.max(callsMax, service.faults.calls.length - before + 1);
      if (service.faults.calls.length - before < nth) break;
      service.advance(60_000);
      await jobs.run(3);
      const found = await judge(made);
      if (JSON.stringify(found) !== JSON.stringify(asItShouldBe)) wrong.push({ nth, ...found });
    }

    expect(wrong).toEqual([]);
    expect(callsMax).toBeGreaterThan(25);
  });
});

test.each(["PutItem", "UpdateItem", "SendMessage", "BatchGetItem"])(
  "A run that sleeps at its %s while another one takes the job over does nothing twice",
  async (command) => {
    const made = await arrange();
    service.faults.before(command, async () => {
      service.advance(60_000);
      await service.dispatch();
    });

    await service.dispatch();
    await jobs.run(3);

    expect(await judge(made)).toEqual(asItShouldBe);
  },
);

test("Two runs at the same time do nothing twice", async () => {
  const made = await arrange();

  await Promise.all([service.dispatch(), service.dispatch(), service.dispatch()]);
  await jobs.run(3);

  expect(await judge(made)).toEqual(asItShouldBe);
});

test("Of two jobs that died after one of them replayed a message, one at least says so", async () => {
  service.advance(3_600_000);
  const filter = { from: new Date(service.now()).toISOString() };
  const [messageId = ""] = await jobs.many(1);
  const asked = { action: "replay", filter, canary: false };
  const ids = [(await jobs.job(asked)).jobId, (await jobs.job(asked)).jobId];
  const store = jobStore(service.storage);
  const [now, found] = [service.now(), await service.get(messageId)];
  for (const jobId of ids) {
    const job = await store.get({ senderId: "shop", jobId }, now);
    if (!job || !found) throw new Error("There is no such job");
    const batch = { batch: [messageId], taken: 1, takenAs: 2 };
    await store.replace({ ...job, ...batch, revision: 2, writeId: "test" });
    const entry = {
      entryId: entryIdOfJob(jobId),
      action: "replay",
      by: { jobId },
      at: now,
    } as const;
    await actionStore(service.storage).record(entryOf(found, entry));
  }
  if (!found) throw new Error("There is no such message");
  const set = replayOf(found, {}, { now, graceMs: options.graceMs, owner: "one of them" });
  await service.messages.replay(found, { now, seen: found, set });

  await service.dispatch();
  await jobs.run(2);

  const { json } = await service.request(`/v1/messages/${messageId}/history`);
  const entries = json.events.filter(({ kind }: { readonly kind: string }) => kind === "action");
  const standing = entries.filter(({ refused }: { readonly refused: boolean }) => !refused);
  const done = await Promise.all(ids.map(async (jobId) => (await jobs.read(jobId)).progress.done));
  expect([entries.length, standing.length > 0]).toEqual([2, true]);
  expect((done[0] ?? 0) + (done[1] ?? 0)).toBe(standing.length);
});

test("A run that comes as a slow one ends leaves what that one has counted", async () => {
  const made = await arrange();
  const reached = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const pass = async (): Promise<void> => {};
  // The puts of the slow run: its hold, its batch, an entry for each of two messages, the ids of
  // the batch, and its end.
  for (let puts = 0; puts < 5; puts += 1) service.faults.before("PutItem", pass);
  let other: Promise<void> | undefined;
  service.faults.before("PutItem", async () => {
    // Its hold is over, and the other one has read the job as it is now.
    service.advance(60_000);
    other = service.dispatch();
    await reached.promise;
  });
  service.faults.before("PutItem", async () => {
    reached.resolve();
    await ended.promise;
  });

  await service.dispatch();
  ended.resolve();
  await other;

  expect(await judge(made)).toEqual(asItShouldBe);
});

test("A job that is paused in the middle of a batch counts what was done", async () => {
  const made = await arrange();
  service.faults.before("SendMessage", () => jobs.post(`/v1/jobs/${made.jobId}/cancel`));

  await service.dispatch();

  expect(await judge(made)).toEqual({ ...asItShouldBe, status: "CANCELLED" });
});

test("A slow run counts nothing where another one went on before the job was paused", async () => {
  service.advance(3_600_000);
  const filter = { from: new Date(service.now()).toISOString() };
  const messageIds = await jobs.many(2);
  const { jobId } = await jobs.job({ action: "replay", filter });
  // The puts of the slow run: its hold, its batch, an entry for the canary, the ids of the batch,
  // and then its end.
  for (let puts = 0; puts < 4; puts += 1) service.faults.before("PutItem", async () => {});
  service.faults.before("PutItem", async () => {
    await jobs.attempt(messageIds[1] ?? "", { status: 200 });
    service.advance(60_000);
    await service.dispatch();
    await jobs.post(`/v1/jobs/${jobId}/pause`);
  });

  await service.dispatch();

  const { status, progress } = await jobs.read(jobId);
  expect({ status, done: progress.done }).toEqual({ status: "PAUSED", done: 2 });
});

test("A message that cannot be acted on for a reason of ours is given up after five tries", async () => {
  const made = await arrange();
  const [sick = ""] = made.messageIds;
  const error = awsError("AccessDeniedException");
  const isSick = (input: object): boolean => JSON.stringify(input).includes(`${sick}"`);
  for (const command of ["PutItem", "UpdateItem"])
    service.faults.inject({
      ...{ command, when: "before", error },
      on: (input) => isSick(input) && !JSON.stringify(input).includes("jobId_"),
    });

  await jobs.run(40, 20_000);
  service.faults.clear();

  expect((await jobs.read(made.jobId)).status).toBe("DONE");
  expect((await jobs.replays(made.messageIds)).filter(Boolean)).toEqual([1]);
});
