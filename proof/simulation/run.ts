import { attemptViews } from "../../domain/history.ts";
import type { JobAction } from "../../domain/job.ts";
import { isExpired } from "../../domain/message.ts";
import { type Backing, inMemory } from "./backing.ts";
import type { Line, Violation } from "./chronicle.ts";
import { actionOf, attemptOf, jobOf, messageOf } from "./items.ts";
import { logWatchOf } from "./log-watch.ts";
import { runToTheEnd } from "./loop.ts";
import { isObstacle, obstaclesOf } from "./obstacles.ts";
import { type Plan, planOf, secondLifeAfterMs } from "./plans.ts";
import { apiKey, seedItems, senderId, signingSecret, start } from "./seeding.ts";
import { cancelling, erasing, makingJob, replaying, sendingNow, submitting } from "./sender.ts";
import { type Service, serviceOf } from "./service.ts";
import { type Stage, stageOf } from "./stage.ts";
import { limitsOf, swarmOf } from "./swarm.ts";
import type { Tape } from "./tape.ts";
import { targetOf } from "./target.ts";

/** The two tapes of a run: what it draws before it begins, and what happens in it. */
export type Tapes = { readonly swarm: Tape; readonly schedule: Tape };

export type Result = {
  /** What holds for the run, in lines for a person. */
  readonly limits: readonly string[];
  readonly violation?: Violation;
  /** The same for two runs only if the same happened in both. */
  readonly digest: () => string;
  readonly lines: readonly Line[];
  readonly counts: ReadonlyMap<string, number>;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly statuses: readonly string[];
};

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const expiresBeforeMs = 3_600_000;

/** A job that a person makes at a time. */
type PlannedJob = { readonly action: JobAction; readonly afterMs: number };

/** Everything that senders mean to do waits for its time. */
const invite = (
  stage: Stage,
  service: Service,
  plans: readonly Plan[],
  sendNows: readonly (number | undefined)[],
  {
    jobs,
    erasures,
    outboxes,
  }: {
    readonly jobs: readonly PlannedJob[];
    readonly erasures: readonly (number | undefined)[];
    readonly outboxes: readonly boolean[];
  },
): void => {
  const { swarm, timers, chronicle, world, sleep, expire, backing } = stage;
  const { stores, queue } = backing;
  const begin = (afterMs: number, work: () => Promise<void>): void =>
    timers.at(start + afterMs, () => {
      world.spawn({ name: "sender", role: "sender", skewMs: 0, onCrash: () => {} }, work);
    });
  const deps = { world, chronicle, clock: timers.now, sleep, serve: service.serve };
  const steer = { ...deps, ...service.steering, stores, queue, graceMs: swarm.graceMs };
  for (const { action, afterMs } of jobs)
    begin(afterMs, makingJob({ ...steer, shards: swarm.shards }, senderId, action));
  for (const [index, plan] of plans.entries()) {
    const key = { senderId, messageId: plan.messageId };
    const [first, ...others] = plan.submits;
    if (first && outboxes[index])
      timers.at(start + first.afterMs, () => service.order(key, plan, first.submit));
    for (const { afterMs, submit } of outboxes[index] ? others : plan.submits)
      begin(afterMs, submitting(deps, key, plan, submit));
    if (plan.cancelAfterMs !== undefined) begin(plan.cancelAfterMs, cancelling(steer, key));
    for (const afterMs of plan.replaysAfterMs) begin(afterMs, replaying(steer, key));
    const sendNowAfterMs = sendNows[index];
    if (sendNowAfterMs !== undefined) begin(sendNowAfterMs, sendingNow(steer, key));
    const erasedAfterMs = erasures[index];
    if (erasedAfterMs !== undefined) begin(erasedAfterMs, erasing(steer, key));
    if (!plan.second) continue;
    begin(secondLifeAfterMs, submitting(deps, key, plan.second, plan.second.submit));
    for (const offsetMs of [-expiresBeforeMs, 1])
      timers.at(start + secondLifeAfterMs + offsetMs, expire);
  }
};

/** Draws the jobs of a run: none in most, else one or two, at times that messages have ended by. */
const jobsOf = (tape: Tape): readonly PlannedJob[] => {
  const replay = (afterMs: number): PlannedJob => ({ action: "replay", afterMs });
  const cancel = (afterMs: number): PlannedJob => ({ action: "cancel", afterMs });
  return tape.pick<readonly PlannedJob[]>([
    ...[[], [], [], []],
    [replay(2 * minuteMs)],
    [replay(20 * minuteMs)],
    [replay(10 * minuteMs), replay(10 * minuteMs + secondMs)],
    [cancel(3 * secondMs)],
    [cancel(minuteMs), replay(3 * minuteMs)],
  ]);
};

/** Jobs are over at the end, and have replayed no message more often than they have entries for. */
const judgeJobs = ({ chronicle, table, timers }: Stage): void => {
  for (const item of table.items()) {
    const job = jobOf(item);
    if (job && (job.status !== "DONE" || job.dueAt !== undefined))
      chronicle.violate({ invariant: "jobs", what: `${job.jobId} is ${job.status} at the end` });
  }
  const entries = table.items().flatMap((item) => actionOf(item) ?? []);
  const messages = table.items().flatMap((item) => messageOf(item) ?? []);
  // Of what has expired, the entries may be removed before the message.
  for (const message of messages.filter((each) => !isExpired(each, timers.now()))) {
    const replays = entries.filter(
      ({ messageId, submitId, action }) =>
        messageId === message.messageId && submitId === message.submitId && action === "replay",
    );
    if (message.replays > replays.length)
      chronicle.violate({
        invariant: "jobs",
        what: `${message.messageId} was replayed ${message.replays} times, by ${replays.length} entries`,
      });
  }
};

/** What must be so at the end, in the table as anybody would read it. */
const lookAround = ({ chronicle, obstacleWatch, orders, policy, table }: Stage): void => {
  chronicle.observe({ kind: "settled" });
  orders.ended();
  obstacleWatch.ended(table);
  const items = table.items().filter((item) => !isObstacle(item));
  const attempts = items.flatMap((item) => attemptOf(item) ?? []);
  for (const message of items.flatMap((item) => messageOf(item) ?? [])) {
    const { messageId, submitId } = message;
    const own = attempts.filter(
      (each) => each.messageId === messageId && each.submitId === submitId,
    );
    const views = attemptViews(message, own);
    chronicle.observe({ kind: "found", key: message, message, views });
    policy.found(message, views);
  }
};

/** Makes one run, from the first submit to the end of every message. */
export const simulate = async (tapes: Tapes, backing: Backing = inMemory): Promise<Result> => {
  const swarm = swarmOf(tapes.swarm);
  const plans = Array.from({ length: swarm.messages }, (_, index) =>
    planOf(tapes.swarm, swarm, { senderId, index, start }),
  );
  // After all else, so that what was drawn before there were any is still the same run.
  const obstacles = obstaclesOf(tapes.swarm, swarm.shards);
  const sendNows = plans.map(() =>
    tapes.swarm.pick([
      undefined,
      undefined,
      undefined,
      secondMs,
      20 * secondMs,
      10 * 60 * secondMs,
    ]),
  );
  const jobs = jobsOf(tapes.swarm);
  const erasures = plans.map(() =>
    tapes.swarm.pick([
      ...[undefined, undefined, undefined, undefined],
      ...[secondMs, minuteMs, 3 * minuteMs, 20 * minuteMs],
    ]),
  );
  const outboxes = plans.map(() => tapes.swarm.pick([false, false, false, false, true]));
  const stage = stageOf(tapes.schedule, swarm, backing, await seedItems(), { plans, obstacles });
  const { timers, chronicle, holders, table } = stage;
  const post = targetOf({
    ...stage,
    secret: signingSecret,
    slowTargets: swarm.slowTargets,
    planOf: (messageId) => plans.find((plan) => plan.messageId === messageId),
    leaseOf: (messageId, attempt) => holders.leaseOf(messageId, attempt)?.until,
    now: timers.now,
  });
  const onLine = logWatchOf(stage);
  const service = serviceOf({
    ...stage,
    post,
    apiKey,
    onLine,
    onBatch: holders.given,
  });
  invite(stage, service, plans, sendNows, { jobs, erasures, outboxes });

  const steps = await runToTheEnd(stage, service);
  if (!chronicle.violation()) lookAround(stage);
  if (!chronicle.violation()) judgeJobs(stage);
  return {
    limits: limitsOf(swarm),
    steps,
    violation: chronicle.violation(),
    digest: chronicle.digest,
    lines: chronicle.lines(),
    counts: chronicle.counts(),
    simulatedMs: timers.now() - start,
    statuses: table
      .items()
      .flatMap((item) => (isObstacle(item) ? [] : (messageOf(item)?.status ?? []))),
  };
};
