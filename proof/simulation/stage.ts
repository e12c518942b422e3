import { type Actor, asActor, currentActor } from "./actor.ts";
import type { Backing } from "./backing.ts";
import { type Chronicle, chronicleFrom } from "./chronicle.ts";
import { type Holders, holdersFrom } from "./holders.ts";
import { attemptOf, type Fields, messageOf } from "./items.ts";
import { isObstacle, type Obstacles, type ObstacleWatch, obstacleWatch } from "./obstacles.ts";
import { type OrderWatch, orderWatch, shop } from "./order.ts";
import { enter } from "./outside.ts";
import { type Plan, secondLifeAfterMs } from "./plans.ts";
import { type Policy, policyFrom } from "./policy.ts";
import { type MemoryQueue, memoryQueue, recordOf } from "./queue.ts";
import type { Wishes } from "./rules.ts";
import { start } from "./seeding.ts";
import type { Swarm } from "./swarm.ts";
import type { Table } from "./table.ts";
import type { Tape } from "./tape.ts";
import { type Timers, timersFrom } from "./timers.ts";
import { type World, worldOf } from "./world.ts";

const minuteMs = 60_000;
/** How late the dispatcher may look again at what waits. */
const resendAfterMs = 15 * minuteMs;

/** Everything that is outside of the product in one run. */
export type Stage = {
  readonly tape: Tape;
  readonly swarm: Swarm;
  readonly timers: Timers;
  readonly chronicle: Chronicle;
  readonly world: World;
  readonly holders: Holders;
  readonly policy: Policy;
  readonly obstacleWatch: ObstacleWatch;
  readonly orders: OrderWatch;
  readonly table: Table;
  readonly backing: Backing;
  readonly queue: MemoryQueue;
  readonly sleep: (ms: number) => Promise<void>;
  /** Removes what has expired, as DynamoDB does: some of it, sometime. */
  readonly expire: () => void;
};

const tableOf = (
  { openTable }: Backing,
  chronicle: Chronicle,
  holders: Holders,
  policy: Policy,
  obstacleWatch: ObstacleWatch,
  orders: OrderWatch,
  world: Pick<World, "wake">,
  now: () => number,
): Table => {
  const onWrite = (itemBefore: Fields | undefined, itemAfter: Fields | undefined): void => {
    if (isObstacle(itemAfter ?? itemBefore)) {
      obstacleWatch.wrote(itemBefore, itemAfter);
      return;
    }
    const [before, after] = [messageOf(itemBefore), messageOf(itemAfter)];
    const attempt = itemAfter && attemptOf(itemAfter);
    if (attempt) policy.recorded(attempt);
    const key = after ?? before;
    if (!key) return;
    const { name: by, role } = currentActor();
    const [was, is] = [before?.status ?? "nothing", after?.status ?? "nothing"];
    chronicle.note(by, `${was} → ${is} ${key.messageId} (${key.attempts})`);
    chronicle.observe({ kind: "written", key, by, role, before, after });
    if (after && before?.submitId !== after.submitId && by.startsWith(shop))
      orders.created(after.submitId);
    holders.wrote(by, before, after);
    policy.wrote(before, after);
    if (is === "PROCESSING" && was !== "PROCESSING") world.wake("claim", by);
    if (was === "PROCESSING" && is === "PENDING") world.wake("release", by);
  };
  return openTable(onWrite, now, orders.committed);
};

const queueOf = (tape: Tape, timers: Timers, chronicle: Chronicle, world: World): MemoryQueue => {
  const latenesses = [0, 30 * minuteMs, secondLifeAfterMs];
  const lateMs = (): number =>
    world.happens("record-late", "send")
      ? 1 + tape.choose(5 * minuteMs) + tape.pick(latenesses)
      : 0;
  return memoryQueue({
    now: timers.now,
    handling: () => {
      if (world.happens("record-lost", "send")) return [];
      const copies = world.happens("record-doubled", "send") ? 2 : 1;
      return Array.from({ length: copies }, () => ({ lateMs: lateMs() }));
    },
    onRecord: (what, body) => chronicle.observe({ kind: "record", what, ...recordOf(body) }),
  });
};

const expiringOn = (tape: Tape, timers: Timers, table: Table) => (): void => {
  const expired = table
    .items()
    .filter(({ ttl }) => ttl !== undefined && Number(ttl) * 1000 <= timers.now());
  // In any order, and not all of it: it may take days.
  for (const item of expired)
    if (tape.choose(2) === 1)
      asActor({ name: "expiry", role: "expiry" } as Actor, () => table.remove(item));
};

/** What is asked for under an id now: of its first message, or of its second. */
const wishesAt = (plans: readonly Plan[], messageId: string, now: number): Wishes => {
  const plan = plans.find((each) => each.messageId === messageId);
  return now < start + secondLifeAfterMs ? { ...plan } : { deliverAt: plan?.second?.deliverAt };
};

/** Sets the stage for one run, and enters it: from here on the product's clients talk to it. */
export const stageOf = (
  tape: Tape,
  swarm: Swarm,
  backing: Backing,
  items: readonly Fields[],
  { plans, obstacles }: { readonly plans: readonly Plan[]; readonly obstacles: Obstacles },
): Stage => {
  const timers = timersFrom(start);
  const chronicle = chronicleFrom(timers.now, {
    clockMarginMs: swarm.clockMarginMs + swarm.skewMs,
    resendAfterMs: resendAfterMs + swarm.skewMs,
    lookAfterLeaseMs: swarm.clockMarginMs + 1,
  });
  const world = worldOf({ tape, timers, weather: swarm.weather, chronicle });
  const holders = holdersFrom(chronicle);
  const policy = policyFrom({
    chronicle,
    now: timers.now,
    clockMarginMs: swarm.clockMarginMs + swarm.skewMs,
    busyMsMax: swarm.timeoutMs,
    stuckMsMax: swarm.functionTimeoutMs,
    configuredMs: swarm.scheduleMs,
    wishesOf: (messageId) => wishesAt(plans, messageId, timers.now()),
  });
  const orders = orderWatch(chronicle);
  const watch = obstacleWatch({ chronicle, now: timers.now }, swarm.skewMs);
  const table = tableOf(backing, chronicle, holders, policy, watch, orders, world, timers.now);
  const queue = queueOf(tape, timers, chronicle, world);
  enter({ world, tape, queue, pageMax: obstacles.pageMax });
  for (const item of [...items, ...obstacles.items]) table.store(item);
  const sleep = (ms: number): Promise<void> =>
    world.ask<void>({
      port: "sleep",
      name: "sleep",
      about: `${ms} ms`,
      perform: (finish) => finish(undefined, Math.max(1, ms)),
      lost: () => ({ answer: undefined }),
    });
  const expire = expiringOn(tape, timers, table);
  return {
    ...{ tape, swarm, timers, chronicle, world, holders, policy, obstacleWatch: watch, orders },
    ...{ table, queue, backing, sleep, expire },
  };
};
