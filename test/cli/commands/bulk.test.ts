import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Io } from "../../../cli/io.ts";
import { type CommandOptions, commandOn, fetchOf } from "../../support/command.ts";
import { jobsOn } from "../../support/jobs.ts";
import { useService } from "../../support/service.ts";

const service = useService();
const postrider = commandOn(service);
const jobs = jobsOn(service);
let failed: readonly string[];

beforeAll(() => jobs.open());
afterAll(() => jobs.close());
beforeEach(async () => {
  // What other tests left FAILED is older than an hour.
  service.advance(7_200_000);
  failed = await jobs.many(3);
});

/** Each pause of the command is a run of the dispatcher. */
const dispatching: CommandOptions = { sleep: () => jobs.run() };
const replay = ["replay", "--status", "FAILED", "--from", "1h", "--canary", "off"];
const yes: CommandOptions = { canAsk: true, confirm: async () => true };

test("replay of many says how many, where to, at what price and for how long, and asks", async () => {
  const questions: string[] = [];
  const confirm = async (question: string): Promise<boolean> => questions.push(question) < 0;

  const { code, err } = await postrider(replay, { canAsk: true, confirm });

  expect(code).toBe(5);
  expect(err).toMatch(/^Replays 3 messages\n +3 {2}127\.0\.0\.1:\d+\ncosts .*write units/);
  expect(err).toContain("takes  ");
  expect(questions).toEqual(["Replay 3 messages at https://postrider.example.com?"]);
  expect(await jobs.statuses(failed)).toEqual(["FAILED", "FAILED", "FAILED"]);
});

test.each(["Ctrl-C at the question", "nobody to ask"])(
  "replay does nothing after %s",
  async (how) => {
    const isAsked = how !== "nobody to ask";
    const { code, err } = await postrider(replay, {
      canAsk: isAsked,
      confirm: async () => undefined,
    });

    expect(code).toBe(isAsked ? 5 : 2);
    expect(err).toContain("Nothing was done");
    expect(await jobs.replays(failed)).toEqual([0, 0, 0]);
  },
);

test("replay follows its job until it is done, and shows how far it is", async () => {
  const shown: string[] = [];
  const progress = (text: string): void => {
    shown.push(text);
  };

  const { code, out } = await postrider(replay, { ...dispatching, ...yes, progress });

  expect(code).toBe(0);
  expect(shown[0]).toMatch(/^░+ 0 % {2}0 of 3, /);
  expect(shown.at(-1)).toBe("");
  expect(out).toMatch(/^\S+ {2}DONE {2}replay\n/);
  expect(await jobs.replays(failed)).toEqual([1, 1, 1]);
});

test("replay with --json and --yes prints the job and asks nobody", async () => {
  const { code, out } = await postrider([...replay, "--yes", "--json"], dispatching);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ status: "DONE", progress: { done: 3, left: 0 } });
});

test("jobs get --counts says what came of the messages of a job", async () => {
  const { jobId } = JSON.parse((await postrider([...replay, "--yes", "--json"], dispatching)).out);
  await jobs.attempt(failed[0] ?? "", { status: 200 });

  const shown = await postrider(["jobs", "get", jobId, "--counts"]);
  const json = JSON.parse((await postrider(["jobs", "get", jobId, "--counts", "--json"])).out);

  expect(shown.out).toMatch(/Now, of 3 messages\n +2 {2}QUEUED\n +1 {2}COMPLETED\n/);
  expect(json).toMatchObject({ jobId, counts: { counted: 3, byStatus: { COMPLETED: 1 } } });
});

test("--plan prints the plan and begins nothing, not even with --yes", async () => {
  const { code, out } = await postrider([...replay, "--plan", "--json", "--yes"]);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ count: 3, isExact: true });
  expect(JSON.parse(out)).not.toHaveProperty("token");
  expect(await jobs.replays(failed)).toEqual([0, 0, 0]);
});

test("Ctrl-C pauses the job, says how to go on, and jobs resume does", async () => {
  const stop = new AbortController();
  const sleep: Io["sleep"] = async () => stop.abort();

  const paused = await postrider(replay, { ...yes, sleep, interrupted: stop.signal });
  const jobId = /The job (\S+) is paused/.exec(paused.err)?.[1] ?? "";
  const found = JSON.parse((await postrider(["jobs", "get", jobId, "--json"])).out);
  const resumed = await postrider(["jobs", "resume", jobId]);
  const ended = await postrider(["jobs", "get", jobId, "--wait"], dispatching);

  expect(paused.code).toBe(5);
  expect(paused.err).toContain(`postrider jobs resume ${jobId}`);
  expect(found.status).toBe("PAUSED");
  expect([resumed.code, ended.code]).toEqual([0, 0]);
  expect(await jobs.replays(failed)).toEqual([1, 1, 1]);
});

test("Ctrl-C while the job is begun pauses it all the same: its id is not lost", async () => {
  const stop = new AbortController();
  const ask = fetchOf(service);
  const fetch: Io["fetch"] = async (url, init) => {
    if (init.body?.includes('"plan":')) stop.abort();
    return ask(url, init);
  };

  const { code, err } = await postrider(replay, { ...yes, fetch, interrupted: stop.signal });

  expect(code).toBe(5);
  expect(err).toContain("is paused");
});

test("Ctrl-C when nothing answers says that the job may go on", async () => {
  const stop = new AbortController();
  const ask = fetchOf(service);
  const fetch: Io["fetch"] = async (url, init) => {
    if (stop.signal.aborted) throw new TypeError("fetch failed");
    return ask(url, init);
  };
  const sleep: Io["sleep"] = async () => stop.abort();

  const { code, err } = await postrider(replay, { ...yes, fetch, sleep, interrupted: stop.signal });

  expect(code).toBe(5);
  expect(err).toContain("It is not known whether the job");
});

test("a job that its canaries stop ends with 4, and --detach does not wait for it", async () => {
  const withCanary = replay.slice(0, -2);
  const answering = async (): Promise<void> => {
    await service.dispatch();
    for (const id of failed)
      if ((await service.get(id))?.status === "QUEUED") await jobs.attempt(id, { status: 410 });
    service.advance(60_000);
  };

  const stopped = await postrider([...withCanary, "--yes"], { sleep: answering });
  const detached = await postrider([...replay, "--yes", "--detach", "--json"]);

  expect(stopped.code).toBe(4);
  expect(stopped.err).toContain("is STOPPED.\nGo on with: postrider jobs resume");
  expect(JSON.parse(detached.out)).toMatchObject({ status: "RUNNING" });
});

test("cancel of many cancels what is unfinished, and nothing to do is no failure", async () => {
  const waiting = await jobs.submitted({ deliverAt: new Date(service.now() + 7e6).toISOString() });
  service.advance(10);

  const done = await postrider(["cancel", "--from", "1h", "--yes"], dispatching);
  const nothing = await postrider(["cancel", "--from", "1h", "--yes"]);

  expect([done.code, nothing.code]).toEqual([0, 0]);
  expect(nothing.err).toBe("No message matches: there is nothing to cancel.\n");
  expect(await jobs.statuses([waiting])).toEqual(["CANCELLED"]);
});

test("one message and a filter at once, neither, and options of the other are named", async () => {
  const faultsOf = async (...args: readonly string[]) => {
    const { code, err } = await postrider(args);
    return { code, faults: err.trimEnd().split("\n").slice(1, -1) };
  };

  const both = await faultsOf("replay", "order-7", "--status", "FAILED", "--canary", "2");
  const neither = await faultsOf("cancel");
  const other = await faultsOf("replay", "--from", "1h", "--deliver-at", "2h", "--rate", "101");

  expect(both).toEqual({
    code: 2,
    faults: [
      "  --canary: must be off, or a share such as 0.5, from 0 to 1",
      "  --status: is for many messages, not for one",
      "  --canary: is for many messages, not for one",
    ],
  });
  expect(neither.faults[0]).toContain("<messageId>: is required, or a filter such as");
  expect(other.faults).toEqual([
    "  --rate: must be a whole number from 1 to 100",
    "  --deliver-at: is for one message only",
  ]);
});

test("jobs list shows the newest first", async () => {
  const { out } = await postrider(["jobs", "list", "--limit", "2"]);

  expect(out.trimEnd().split("\n")).toHaveLength(3);
  expect(out).toMatch(/^JOB +ACTION +STATUS +DONE +LEFT +CREATED +WHY\n\S+ +cancel +DONE/);
});
