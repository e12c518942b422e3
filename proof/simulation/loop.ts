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
    const dues = table
      .entries("due")
      .map((entry) => ({ entry, at: Number(entry["dueAt"]) }))
      // They are looked at for ever; in the end all that counts is that they were moved.
      .filter(({ entry, at }) => at <= calmAt || !isObstacle(entry))
      .map(({ at }) => at);
    if (dues.length === 0) return undefined;
    const from = Math.max(lastTickAt + minuteMs, Math.min(...dues));
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

  const nextAt = (): number | undefined => {
    const visibleAt = service.canWork() ? queue.nextVisibleAt() : undefined;
    const times = [timers.next(), world.nextReadyAt(), nextTickAt(), visibleAt];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const acts = (): readonly (() => void)[] => {
    const tickAt = nextTickAt();
    return [
      ...world.ready().map((one) => () => world.step(one)),
      ...(canPoll() ? [poll] : []),
      ...(tickAt !== undefined && tickAt <= now() ? [tick] : []),
    ];
  };

  /** One decision. False: there is nothing left to do. */
  const advance = (): boolean => {
    const next = nextAt();
    if (!isCalm && next !== undefined && next > now() && tape.happens(slowness)) {
      timers.moveTo(Math.min(next, now() + 1 + tape.choose(slowMsMax)));
      return true;
    }
    const possible = acts();
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
