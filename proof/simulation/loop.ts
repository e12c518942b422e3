import { isObstacle } from "./obstacles.ts";
import { start } from "./seeding.ts";
import type { Service } from "./service.ts";
import type { Stage } from "./stage.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Within which everything must have ended, once nothing breaks any more. */
const calmMsMax = 10 * dayMs;
const stepsMax = 4000;
/** How often, of a thousand times, the clock goes on although somebody could; and how far. */
const slowness = 100;
const slowMsMax = 40;
const recordsMax = 10;

/**
 * Runs a stage to its end: first with faults, so many steps; then without, until nothing is left
 * to do. The clock moves when nothing else can, and a little now and then. Resolves to the steps.
 */
export const runToTheEnd = async (stage: Stage, service: Service): Promise<number> => {
  const { tape, swarm, timers, chronicle, world, table, queue } = stage;
  const { now } = timers;
  let isCalm = false;
  let calmAt = Number.POSITIVE_INFINITY;
  let steps = 0;
  let lastTickAt = start - minuteMs;

  /** The scheduler's next minute at which the dispatcher would find anything. */
  const nextTickAt = (): number | undefined => {
    let first = Number.POSITIVE_INFINITY;
    for (const entry of table.entries("due")) {
      const at = Number(entry["dueAt"]);
      // They are looked at for ever; in the end all that counts is that they were moved.
      if (at < first && (at <= calmAt || !isObstacle(entry))) first = at;
    }
    if (first === Number.POSITIVE_INFINITY) return undefined;
    const from = Math.max(lastTickAt + minuteMs, first);
    return start + Math.ceil((from - start) / minuteMs) * minuteMs;
  };
  /** As on AWS, schedules share the shards out; here there are two, or one for a single shard. */
  const groups = Object.values(
    Object.groupBy(
      Array.from({ length: swarm.shards }, (_, shard) => shard),
      (shard) => shard % 2,
    ),
  ) as readonly (readonly number[])[];
  const tick = (): void => {
    lastTickAt = now();
    chronicle.note("scheduler", "a minute is over");
    for (const shards of groups) {
      service.dispatch(shards);
      if (world.happens("dispatcher-doubled", "tick")) service.dispatch(shards);
    }
  };
  const poll = (): void => {
    const dead = queue.takeDead();
    if (dead.length > 0) {
      service.bury(dead);
      return;
    }
    const count = queue.visible();
    const wanted = isCalm ? recordsMax : 1 + tape.choose(swarm.batchMax);
    const first = world.happens("record-reordered", "receive") ? tape.choose(count) : 0;
    const positions = Array.from(
      { length: Math.min(count, wanted) },
      (_, index) => (first + index) % count,
    );
    service.work(queue.receive(positions, swarm.visibilityMs));
  };
  const canPoll = (): boolean => service.canWork() && queue.visible() > 0;

  const nextAt = (tickAt: number | undefined): number | undefined => {
    const visibleAt = service.canWork() ? queue.nextVisibleAt() : undefined;
    const known = [timers.next(), world.nextReadyAt(), tickAt, visibleAt].filter(
      (time) => time !== undefined,
    );
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const acts = (tickAt: number | undefined): readonly (() => void)[] => {
    const possible = world.ready().map((one) => () => world.step(one));
    if (canPoll()) possible.push(poll);
    if (tickAt !== undefined && tickAt <= now()) possible.push(tick);
    return possible;
  };

  /** One decision. False: there is nothing left to do. */
  const advance = (): boolean => {
    const tickAt = nextTickAt();
    const next = nextAt(tickAt);
    if (!isCalm && next !== undefined && next > now() && tape.happens(slowness)) {
      timers.moveTo(Math.min(next, now() + 1 + tape.choose(slowMsMax)));
      return true;
    }
    const possible = acts(tickAt);
    if (possible.length > 0) {
      steps += 1;
      possible[isCalm ? 0 : tape.choose(possible.length)]?.();
      return true;
    }
    if (next !== undefined) timers.moveTo(next);
    return next !== undefined;
  };
  const calm = (): void => {
    isCalm = true;
    calmAt = now();
    chronicle.note("everything", "works from now on");
    world.calm();
  };

  for (;;) {
    await world.settle();
    if (chronicle.violation()) return steps;
    if (now() > calmAt + calmMsMax || steps > stepsMax) return steps;
    if (!isCalm && steps >= swarm.steps) calm();
    if (advance()) continue;
    if (isCalm) return steps;
    calm();
  }
};
