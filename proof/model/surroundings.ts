import type { Config } from "./config.ts";
import {
  dueAts,
  isDue,
  isLeaseOver,
  latenessOf,
  leaseUntils,
  notBefores,
  type Ripeness,
  ripenessOf,
} from "./moments.ts";
import type { Made, Step } from "./operation.ts";
import type { State } from "./state.ts";
import type { Effects, World } from "./world.ts";

/** Where a time comes next as time passes; only a record on the queue can be overdue. */
const later: Readonly<Partial<Record<Ripeness, Ripeness>>> = {
  far: "waiting",
  waiting: "soon",
  soon: "ripe",
  ripe: "overdue",
};
const says: Readonly<Record<Ripeness, string>> = {
  far: "",
  waiting: "until the next attempt is near",
  soon: "until the next attempt is due but for what clocks may differ",
  ripe: "until the next attempt is due",
  overdue: "until the next attempt is long overdue",
};

/** Time passes, for one of the times of the message at a time, and so for any of them first. */
export const timeSteps = (
  config: Config,
  { names, fault }: Effects,
  state: State,
): readonly Step[] => {
  const { message, actors, faults, past } = state;
  if (!message) return [];
  const { status, notBefore, dueAt, leaseUntil, owner } = message;
  const steps: Step[] = [];
  const passes = (does: string, run: (world: World) => void): void => {
    steps.push({ kind: "work", who: "time", does: `passes ${does}`, run });
  };

  const ripeness = notBefore === undefined ? undefined : ripenessOf(notBefore);
  const next = ripeness && later[ripeness];
  const isLookedAt = dueAt !== undefined && isDue(dueAt);
  // Whether it is overdue is asked by whoever looks, who has to be due as well.
  if (next && (next !== "overdue" || (status === "QUEUED" && isLookedAt)))
    passes(says[next], (world) => {
      const moved = notBefores[next];
      world.message = { ...message, notBefore: moved };
      // Who saw the same time sees it as it lies now.
      world.actors = actors.map((actor) =>
        actor.notBefore === notBefore ? { ...actor, notBefore: moved } : actor,
      );
    });

  // The next look is after the time of the attempt, unless that is too far for the queue.
  const isAfter = ripeness === undefined || ripeness === "ripe" || ripeness === "overdue";
  const isFar = config.far || config.deliver === "far" || past.isClockBroken;
  const isLate = dueAt !== undefined && latenessOf(dueAt) === "late";
  // A late look comes near while the time of the attempt does.
  if (dueAt !== undefined && !isLookedAt && (isAfter || isFar || (isLate && ripeness !== "far"))) {
    const until = (does: string, moved: number): void =>
      passes(does, (world) => {
        world.message = { ...message, dueAt: moved };
        world.actors = actors.map((actor) =>
          actor.dueAt === dueAt ? { ...actor, dueAt: moved } : actor,
        );
      });
    if (isLate) until("until the dispatcher will look soon", dueAts.soon);
    else until("until the dispatcher has to look", dueAts.due);
  }

  // A look that comes soon comes before the end of the lease.
  const isLookFirst = dueAt !== undefined && latenessOf(dueAt) === "soon";
  if (leaseUntil !== undefined && !isLeaseOver(leaseUntil) && !isLookFirst) {
    const end = (world: World): void => {
      world.message = { ...message, leaseUntil: leaseUntils.over };
    };
    const index = names.indexOf(owner ?? "");
    if (index < 0) passes("until the lease is over, whose holder is gone", end);
    // A holder that lives is done before its lease is over, unless it is frozen.
    else if (faults > 0)
      steps.push({
        kind: "fault",
        who: names[index] ?? "",
        does: "is frozen until its lease is over",
        run: (world) => {
          fault(world, "frozen");
          end(world);
        },
      });
  }
  return steps;
};

/** What a queue may do to a record that it holds, and the death of a process between its effects. */
export const brokenSteps = (config: Config, effects: Effects, state: State): readonly Step[] => {
  if (state.faults <= 0) return [];
  const { names, roles, fault, put, record, send, die } = effects;
  const breaks = (does: string, run: (world: World) => void, made?: Made): Step => ({
    kind: "fault",
    who: "the queue",
    does,
    run: (world) => {
      fault(world, "record");
      run(world);
    },
    ...(made && { made }),
  });
  const queued = state.queue.flatMap((copies, attempt) =>
    (["ready", "delayed"] as const)
      .filter((kind) => copies[kind] > 0)
      .flatMap((kind) => [
        breaks(
          `loses a record of attempt ${attempt}`,
          (world) => {
            put(world, attempt, kind, -1);
            record(world, "lost", attempt);
          },
          { attempt, copies: -1 },
        ),
        breaks(`doubles a record of attempt ${attempt}`, (world) => send(world, attempt, kind), {
          attempt,
          copies: 1,
        }),
        ...(kind === "delayed" && config.clocksDiffer
          ? [
              // As good as lost where it counts: whoever receives it has to drop it.
              breaks(`hands out the record of attempt ${attempt} before its time`, (world) => {
                put(world, attempt, "delayed", -1);
                record(world, "lost", attempt);
                send(world, attempt, "ready");
              }),
            ]
          : []),
      ]),
  );
  const atWork = state.actors.flatMap(({ at, record: attempt }, index) => {
    if (at === "idle" || at === "done") return [];
    const dies: Step = {
      kind: "fault",
      who: names[index] ?? "",
      does: "dies",
      run: (world) => {
        fault(world, "crash");
        die(world, index);
      },
      made: { actor: index, fate: "crash-before" },
    };
    const inHand = `has another copy of the record of attempt ${attempt}, which ${names[index]} holds`;
    const doubled = breaks(inHand, (world) => send(world, attempt, "ready"), {
      ...{ attempt, copies: 1 },
    });
    return roles[index] === "worker" ? [dies, doubled] : [dies];
  });
  return [...queued, ...atWork];
};
