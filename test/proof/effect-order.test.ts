/**
 * The model checker retells what the handlers do, effect by effect. Here both do the same piece of
 * work: the model must make the effects that the real handlers make, in the same order. Attempts, and
 * counts of outcomes, are not part of the model.
 */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lifecycle, type Row } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import { leaseFrom } from "../../domain/schedule.ts";
import { type Config, defaults } from "../../proof/model/config.ts";
import { dueAts, leaseUntils, notBefores, now } from "../../proof/model/moments.ts";
import type { Step } from "../../proof/model/operation.ts";
import { type Actor, idle, initial, type JobState, key, noJob } from "../../proof/model/state.ts";
import { nextSteps } from "../../proof/model/steps.ts";
import { type Effects, effectsFor, type World, worldOf } from "../../proof/model/world.ts";
import { awsError } from "../support/faults.ts";
import { type Answer, openReceiver } from "../support/receiver.ts";
import { aRequest, openService, options, type Service } from "../support/service.ts";

/** A write of the message, as both sides show it. */
const changeTo = (status: string, setsDueAt: boolean): string =>
  `${status}${setsDueAt ? ", next check set" : ""}`;

const alone: Config = { ...defaults, ingestions: 1, workers: 1, faults: 0 };

/** The effects of the model, each noted as it is made. */
const noting = (config: Config, made: string[]): Effects => {
  const effects = effectsFor(config);
  return {
    ...effects,
    change: (world, writer, verb, asked) => {
      const row: Row = lifecycle[verb];
      const setsDueAt = [...row.set, ...row.maySet].includes("dueAt") && asked.set?.dueAt;
      made.push(changeTo(row.to, Boolean(setsDueAt)));
      return effects.change(world, writer, verb, asked);
    },
    write: (world, by, role, after) => {
      made.push(changeTo(after.status, true));
      effects.write(world, by, role, after);
    },
    send: (world, attempt, kind) => {
      made.push("send");
      effects.send(world, attempt, kind);
    },
    observe: (world, event) => {
      if (event.kind === "requested") made.push("request");
      if (event.kind === "entered") made.push("enter");
      effects.observe(world, event);
    },
  };
};

/** A message of the model that has just been submitted. */
const stored = {
  ...key,
  ...{ status: "PENDING", attempts: 0, attemptsAllowed: 2, attemptsBefore: 0, replays: 0 },
  ...{ notBefore: notBefores.ripe, dueAt: dueAts.soon, dueShard: "0", submitId: "ingestion" },
  ...{ giveUpAt: now + 86_400_000, ttl: now / 1000 + 864_000 },
} as const;

/** Lets one part of the model do one piece of work, from a message in a given state to its end. */
const inModel = (given: {
  readonly part: "ingestion" | "worker" | "dispatcher" | "job run";
  readonly jobs?: readonly JobState[];
  readonly message?: Partial<Message>;
  readonly prefers?: RegExp;
  readonly config?: Partial<Config>;
}): readonly string[] => {
  const config = { ...alone, ...given.config };
  const made: string[] = [];
  const effects = noting(config, made);
  const index = effects.roles.indexOf(given.part);
  const who = effects.names[index];
  const start = initial(config);
  const message = given.message && ({ ...stored, ...given.message } as Message);
  const queue = start.queue.with((message?.attempts ?? 0) + 1, { ready: 1, delayed: 0 });
  let world: World = worldOf({ ...start, message, queue, jobs: given.jobs ?? start.jobs });
  const actor = (): Actor => world.actors[index] ?? idle;
  do {
    const steps = nextSteps(config, effects, world).filter((step) => step.who === who);
    const isPreferred = ({ does }: Step): boolean => given.prefers?.test(does) ?? false;
    const step = steps.findLast(isPreferred) ?? steps.find(({ kind }) => kind !== "fault");
    if (!step) throw new Error(`${who} has nothing to do at ${actor().at}`);
    step.run(world);
    world = worldOf(world);
  } while (actor().at !== "idle" && actor().at !== "done");
  return made;
};

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
const made: string[] = [];

beforeEach(async () => {
  service = await openService({ scheduleMs: [45_000] });
  receiver = await openReceiver(() => {
    made.push("request");
    return answer;
  });
  noteCalls(service);
});
afterEach(async () => {
  receiver.close();
  await service.close();
});

type Input = {
  readonly Key?: object;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
  readonly Item?: Readonly<Record<string, { readonly S?: string }>>;
  readonly Entries?: readonly object[];
};

/** The effects of one call, as the model names them; none of a read or of an attempt. */
const effectsOf = (command: string, input: Input): readonly string[] => {
  if (command === "SendMessage") return ["send"];
  if (command === "SendMessageBatch") return (input.Entries ?? []).map(() => "send");
  if (command === "PutItem" && input.Item?.["submitId"] && input.Item["status"]?.S === "PENDING")
    return [changeTo("PENDING", "dueAt" in input.Item)];
  if (command === "PutItem" && input.Item?.["entryId"]) return ["enter"];
  const isOther = /\$outcomes_|#attempt_/.test(JSON.stringify(input.Key ?? ""));
  if (command !== "UpdateItem" || isOther) return [];
  const [written = ""] = /SET .*?(?= REMOVE | ADD |$)/.exec(input.UpdateExpression ?? "") ?? [];
  const [, value = ""] = /#status = (:\w+)/.exec(written) ?? [];
  return [
    changeTo(input.ExpressionAttributeValues?.[value]?.S ?? "same", /#dueAt =/.test(written)),
  ];
};

/** Notes every call of the real handlers once, before the SDK retries it. */
const noteCalls = ({ storage, sqs }: Service): void => {
  for (const client of [storage.client, sqs]) {
    const { middlewareStack } = client as typeof storage.client;
    middlewareStack.add(
      (next, { commandName = "" }) =>
        (args) => {
          made.push(...effectsOf(commandName.replace(/Command$/, ""), args.input as Input));
          return next(args);
        },
      { step: "build", name: "noteEffects" },
    );
  }
};

/** The effects that the real handlers make meanwhile. */
const inHandlers = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  made.length = 0;
  await work();
  return [...made];
};

let ids = 0;
/** Submits another message to the receiver, which answers as given; the record of its attempt. */
const submitted = async (status: number, overrides: object = {}) => {
  answer = { status };
  ids += 1;
  const messageId = `order-${ids}`;
  await service.submit(aRequest({ messageId, targetUrl: `${receiver.url}/`, ...overrides }));
  return { v: 1, senderId: "shop", messageId, attempt: 1 } as const;
};

/** Submits a message whose record cannot be sent. */
const submitUnsent = () => {
  const fault = {
    command: "SendMessage",
    when: "before",
    error: awsError("AccessDenied"),
  } as const;
  service.faults.inject({ ...fault, times: 1 });
  return submitted(200);
};

/** Claims the attempt of a record, as a worker does that then dies. */
const claimed = async (record: Awaited<ReturnType<typeof submitted>>): Promise<void> => {
  const { leaseMs, clockMarginMs } = options;
  const now = service.now();
  const { leaseUntil, dueAt } = leaseFrom(now, { leaseMs, clockMarginMs });
  const set = { owner: "dead", leaseUntil };
  const given = { now, seen: { attempts: 0 }, notAfter: { notBefore: now, dueAt }, set };
  expect(await service.messages.claim(record, given)).toMatchObject({ kind: "done" });
  service.advance(leaseMs + clockMarginMs + 1);
};

test("a submit makes the effects of the model, in its order", async () => {
  const real = await inHandlers(() => submitted(200));

  expect(real).toEqual(inModel({ part: "ingestion" }));
  expect(real).toHaveLength(3);
});

test("a submit whose record cannot be sent makes the effects of the model, in its order", async () => {
  const real = await inHandlers(submitUnsent);

  // The model has no effect for a send that fails.
  expect(real.filter((effect) => effect !== "send")).toEqual(
    inModel({ part: "ingestion", prefers: /fails to send/, config: { faults: 1 } }),
  );
});

test.each([
  ["accepted", 200, /which accepts/, 2],
  ["refused for now", 503, /refuses for now/, 2],
  ["refused for good", 410, /refuses for good/, 2],
  ["the last one, and refused for now", 503, /refuses for now/, 1],
])(
  "an attempt that is %s makes the effects of the model, in its order",
  async (_, status, prefers, attemptsAllowed) => {
    const record = await submitted(status, { retry: { maxAttempts: attemptsAllowed } });

    const real = await inHandlers(() => service.work(record));

    const message = { status: "QUEUED", attemptsAllowed } as const;
    expect(real).toEqual(inModel({ part: "worker", prefers, message }));
    expect(real).toContain("request");
  },
);

test("a retry too far ahead for the queue makes the effects of the model, in its order", async () => {
  const record = await submitted(503, { retry: { schedule: ["4h"] } });

  const real = await inHandlers(() => service.work(record));

  const config = { far: true };
  // Of the waits that the model tries, the last one is far.
  const prefers = /refuses for now|settles/;
  expect(real).toEqual(inModel({ part: "worker", prefers, message: { status: "QUEUED" }, config }));
});

test("a claim after a long backlog makes the effects of the model, in its order", async () => {
  const record = await submitted(200);
  service.advance(options.graceMs);
  await service.dispatch();
  service.advance(20 * 60_000);
  await service.dispatch();

  const real = await inHandlers(() => service.work(record));

  const message = { status: "QUEUED", dueAt: dueAts.late } as const;
  expect(real).toEqual(inModel({ part: "worker", prefers: /which accepts/, message }));
  expect(real).toContain(changeTo("PROCESSING", true));
});

test("the check of a PENDING message makes the effects of the model, in its order", async () => {
  await submitUnsent();
  service.advance(options.graceMs);

  const real = await inHandlers(() => service.dispatch());

  expect(real).toEqual(inModel({ part: "dispatcher", message: { dueAt: dueAts.due } }));
  expect(real).toContain("send");
});

test("the check of an overdue QUEUED message makes the effects of the model, in its order", async () => {
  await submitted(200);
  service.advance(20 * 60_000);

  const real = await inHandlers(() => service.dispatch());

  const due = { notBefore: notBefores.overdue, dueAt: dueAts.due };
  expect(real).toEqual(inModel({ part: "dispatcher", message: { status: "QUEUED", ...due } }));
  expect(real).toContain("send");
});

test.each([
  ["an attempt is left", 2],
  ["none is left", 1],
])(
  "the check of a message whose worker died, where %s, makes the effects of the model, in its order",
  async (_, attemptsAllowed) => {
    await claimed(await submitted(200, { retry: { maxAttempts: attemptsAllowed } }));

    const real = await inHandlers(() => service.dispatch());

    const held = { status: "PROCESSING", attempts: 1, leaseUntil: leaseUntils.over } as const;
    const message = { ...held, attemptsAllowed, dueAt: dueAts.due };
    expect(real).toEqual(inModel({ part: "dispatcher", message }));
    expect(real).not.toEqual([]);
  },
);

test.each([
  ["replay", 410, "FAILED"],
  ["cancel", 200, "QUEUED"],
] as const)(
  "a job that does a %s makes the effects of the model, in its order",
  async (jobAction, status, state) => {
    const record = await submitted(status);
    if (jobAction === "replay") await service.work(record);
    service.advance(1);
    await service.request("/v1/jobs", {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({
        action: jobAction,
        filter: {},
        ...(jobAction === "replay" && { canary: false }),
      }),
    });

    const real = await inHandlers(() => service.dispatch());

    const ended = { status: state, attempts: 1, dueAt: undefined, dueShard: undefined };
    const message = jobAction === "replay" ? { ...ended, notBefore: undefined } : { status: state };
    const jobs: readonly JobState[] = [{ ...noJob, status: "RUNNING", stage: "batch" }];
    const config = { jobs: 1, jobAction };
    expect(real).toEqual(inModel({ part: "job run", message, jobs, config }));
    expect(real).toHaveLength(jobAction === "replay" ? 4 : 2);
  },
);

test("the check of a message that is held makes the effects of the model, in its order", async () => {
  const record = await submitted(200);
  service.advance(options.graceMs - 1);
  await claimed(record);
  service.advance(-options.leaseMs);

  const real = await inHandlers(() => service.dispatch());

  const held = { status: "PROCESSING", attempts: 1, leaseUntil: leaseUntils.live } as const;
  expect(real).toEqual(inModel({ part: "dispatcher", message: { ...held, dueAt: dueAts.due } }));
  expect(real).toEqual([changeTo("same", true)]);
});
