import { describe, expect, test } from "@jest/globals";
import { lifecycle, type Row, verbs } from "../../domain/lifecycle.ts";
import { conditions } from "../../proof/model/conditions.ts";
import { type Config, defaults, type Mistake, mistakes } from "../../proof/model/config.ts";
import { search } from "../../proof/model/search.ts";
import { storyOf } from "../../proof/model/story.ts";

/** One submit, one worker: small enough for a test, and most of what can go wrong shows in it. */
const small: Config = { ...defaults, ingestions: 1, workers: 1 };

/** Nothing fails and nothing is lost, so the dispatcher has nothing to recover: few states. */
const calm: Config = { ...small, attempts: 1, dispatchers: 0, faults: 0 };

/** Larger worlds, with more faults at once, take minutes: `npm run test:model` has options for them. */
const sound: readonly (readonly [string, Config])[] = [
  ["with two submits, two workers and no fault", { ...defaults, faults: 0 }],
  ["with two submits, two workers and one fault", defaults],
  ["with one fault", small],
  ["with one fault and a second worker", { ...small, workers: 2 }],
  [
    "with any number of faults, of a message that has one attempt",
    { ...small, attempts: 1, faults: Number.POSITIVE_INFINITY },
  ],
  ["with one fault, of a message that comes by the outbox", { ...small, outbox: true }],
  [
    "with a message by the outbox and a repeat of it",
    { ...small, ingestions: 2, outbox: true, faults: 0 },
  ],
  ["with one fault and a cancel", { ...small, cancels: 1 }],
  ["with a send-now", { ...small, sendNows: 1, deliver: "near", faults: 0 }],
  [
    "with a send-now and long waits",
    { ...small, sendNows: 1, deliver: "far", far: true, faults: 0 },
  ],
  ["with a cancel and a replay", { ...small, attempts: 1, cancels: 1, replays: 1, faults: 0 }],
  ["with one fault and a replay", { ...small, attempts: 1, replays: 1 }],
  ["with an erasure and a replay", { ...small, attempts: 1, erases: 1, replays: 1, faults: 0 }],
  ["with one fault, an erasure and a cancel", { ...small, attempts: 1, erases: 1, cancels: 1 }],
  ["with an erasure and a job", { ...calm, erases: 1, jobs: 1 }],
  ["with one fault and a job", { ...small, attempts: 1, jobs: 1 }],
  [
    "with one fault and a job that cancels",
    { ...small, attempts: 1, jobs: 1, jobAction: "cancel" },
  ],
  ["with two jobs", { ...calm, jobs: 2 }],
  ["with a job that two runs are at", { ...calm, jobs: 1, jobRuns: 2 }],
  ["with a job, and a person who replays", { ...calm, jobs: 1, replays: 1 }],
  [
    "with a job that stops by its canary, or is paused, and is resumed",
    { ...calm, jobs: 1, jobRuns: 2, canary: true, jobChanges: 2 },
  ],
  ["with one fault, where clocks differ", { ...small, clocksDiffer: true, deliver: "near" }],
  [
    "with one fault, of a message for later and with long waits",
    { ...small, far: true, deliver: "far" },
  ],
];

/** Seconds on a machine that has nothing else to do. */
const patienceMs = 180_000;

describe("Every promise holds in every state, and the message ends", () => {
  test.each(sound)(
    "%s",
    (_, config) => {
      const result = search(config);

      expect(storyOf(config, result)).toEqual([]);
      expect(result.isComplete).toBe(true);
    },
    patienceMs,
  );
});

test("A message by the outbox that nobody dispatches is stranded without the dispatcher", () => {
  const result = search({ ...small, outbox: true, faults: 0, dispatchers: 0 });

  expect(result.violation?.invariant).toBe("ends");
});

test("The search sees the same states each time", () => {
  const counts = ({ states, transitions, depth }: ReturnType<typeof search>) => ({
    states,
    transitions,
    depth,
  });

  expect(counts(search(small))).toEqual(counts(search(small)));
});

describe("Each condition of the lifecycle", () => {
  // Those that take many seconds to miss are left to `npm run test:model -- --conditions`.
  const quick = conditions.filter(({ isLong }) => !isLong);

  test("is one of those that are taken out below", () => {
    const fields = (row: Row): readonly string[] =>
      (["seen", "notAfter", "absent", "present"] as const).flatMap((part) =>
        row[part].map((field) => `${part}.${field}`),
      );
    const all = verbs.flatMap((verb) =>
      ["from", ...fields(lifecycle[verb])].map((condition) => `${verb}.${condition}`),
    );

    expect(conditions.filter(({ isLong }) => isLong).length).toBeLessThanOrEqual(2);
    expect(conditions.map(({ name }) => name)).toEqual(all);
  });

  test.each(quick.filter(({ breaks }) => breaks !== undefined))(
    'is missed: without $name, "$breaks" is broken',
    ({ name, config, breaks }) => {
      const { violation } = search({ ...config, without: name });

      expect(violation?.invariant).toBe(breaks);
    },
  );

  test.each(quick.filter(({ breaks }) => breaks === undefined))(
    "or follows from others: without $name, every promise holds",
    ({ name, config }) => {
      const { violation, isComplete } = search({ ...config, without: name });

      expect({ violation, isComplete }).toEqual({ violation: undefined, isComplete: true });
    },
  );
});

/** What each mistake breaks, and where. */
const broken: Readonly<Record<Mistake, readonly [string, Config]>> = {
  "mark-first": ["recorded", { ...small, faults: 0 }],
  "no-resend": ["ends", small],
  "no-release": ["attended", small],
  "own-by-number": ["one-holder", { ...small, workers: 2 }],
  // The conditions of these two writes hold it back; for the second, the message is stuck then.
  "abandon-first": ["nothing", small],
  "cancel-first": ["ends", small],
  "blind-replay": ["counted", { ...small, faults: 0, replays: 1 }],
  "act-first": ["once", { ...small, attempts: 1, faults: 0, jobs: 1 }],
  "entry-each-time": ["once", { ...small, attempts: 1, faults: 1, jobs: 1 }],
  "job-without-plan": ["once", { ...small, attempts: 1, faults: 0, jobs: 1, replays: 1 }],
};

describe("A mistake is found", () => {
  const all = Object.entries(broken) as readonly [Mistake, (typeof broken)[Mistake]][];

  test.each(all)("%s", (mistake, [promise, config]) => {
    const { violation } = search({ ...config, mistake });

    expect(violation?.invariant ?? "nothing").toBe(promise);
  });

  test("all of them", () => {
    expect(Object.keys(broken)).toEqual(Object.keys(mistakes));
  });
});

test("A message is found stuck where nobody looks after it", () => {
  const { violation } = search({ ...small, dispatchers: 0 });

  expect(violation).toEqual({ invariant: "ends", what: "still PENDING after 0 attempts" });
});

test("A search that is given up says that it is not complete, and promises nothing", () => {
  const { isComplete, violation } = search(small, { statesMax: 100 });

  expect({ isComplete, violation }).toEqual({ isComplete: false, violation: undefined });
});

test("The shortest way to a broken promise is told step by step", () => {
  const config: Config = { ...small, faults: 0, mistake: "mark-first" };

  expect(storyOf(config, search(config))).toEqual([
    "  1. Ingestion puts the message into the table, unless it is there.",
    "     The message is PENDING, 0 of 2 attempts begun; the next due.",
    "  2. Ingestion marks the message QUEUED.",
    "     The message is QUEUED, 0 of 2 attempts begun; the next due.",
    "  => QUEUED for attempt 1.",
    expect.stringContaining("Broken promise: recorded."),
  ]);
});
