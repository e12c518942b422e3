import { inTurn } from "../../adapters/in-turn.ts";
import { isOverload } from "../../adapters/overload.ts";
import { limits } from "../../domain/limits.ts";
import type { DueItem } from "../../entities/due-items.ts";
import type { RunJob } from "../jobs/run-job.ts";
import type { DispatchDeps } from "./act.ts";
import { drain, inTurnFrom, type PageDone } from "./drain.ts";
import { allShards, shardsIn } from "./event.ts";
import { pageDispatcher } from "./page.ts";

/**
 * The dispatcher. A run handles every due message of its shards, the oldest of each first, until
 * there is none or its time is nearly over. It recovers from crashes, and serves long waits and
 * scheduled deliveries. Every act is a conditional write, so concurrent runs over the same shards
 * do no harm: a record may be sent twice, and the claim drops the second.
 *
 * Throws if the event is invalid or a shard could not be read; all others have been handled.
 */
export type Dispatcher = (
  event: unknown,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<void>;

/** Returns how long an item has been due: zero if the index is behind. */
const dueForMs = ({ fields: { dueAt } }: DueItem, now: number): number =>
  typeof dueAt === "number" ? now - dueAt : 0;

/** Reads a page of the due index, with how long its oldest item has been due. */
const readPage = async (
  { messages, clock }: DispatchDeps,
  dueShard: string,
  limit: number,
  after: string | null,
) => {
  const now = clock();
  const page = await messages.due({ dueShard, now, limit, cursor: after });
  const oldestMs = Math.max(0, ...page.items.map((item) => dueForMs(item, now)));
  return { ...page, oldestMs, startedAt: now };
};

/**
 * Returns how long the oldest message has been due in the shards of other runs: so a run that does
 * not come is noticed by those that do.
 */
const oldestElsewhere = async (deps: DispatchDeps, own: readonly string[]): Promise<number> => {
  const take = inTurn(limits.dispatchCallsMax);
  const others = allShards(deps.shards).filter((shard) => !own.includes(shard));
  const pages = await Promise.all(
    others.map((shard) => take(() => readPage(deps, shard, 1, null))),
  );
  return Math.max(0, ...pages.map((page) => page.oldestMs));
};

export type DispatcherDeps = DispatchDeps & { readonly runJob: RunJob };

/** Returns the jobs of one run, which work while messages are dispatched. Each is begun once. */
const jobsBeside = (
  { runJob, log, metrics }: DispatcherDeps,
  remainingMs: () => number,
): { readonly begin: (item: DueItem) => void; readonly ended: () => Promise<unknown> } => {
  const begun = new Map<string, Promise<void>>();
  const run = async (senderId: string, jobId: string): Promise<void> => {
    try {
      await runJob({ senderId, jobId }, { remainingMs });
    } catch (error) {
      // It is held for a while; the next run after that goes on with it.
      log.failure("job not continued", error, { senderId, jobId });
      metrics.count("SystemErrors");
    }
  };
  return {
    begin: ({ fields: { senderId, jobId } }) => {
      const name = JSON.stringify([senderId, jobId]);
      if (!begun.has(name)) begun.set(name, run(String(senderId), String(jobId)));
    },
    ended: () => Promise.all(begun.values()),
  };
};

export const dispatcher =
  (deps: DispatcherDeps): Dispatcher =>
  async (event, context) => {
    const { clock, sleep, log, metrics } = deps;
    const shards = inTurnFrom(clock(), shardsIn(event, deps.shards));
    const remainingMs = () => context.getRemainingTimeInMillis();
    const jobs = jobsBeside(deps, remainingMs);
    const dispatch = pageDispatcher(deps, jobs.begin);
    const cursors = new Map<string, string | null>();
    const failures = new Map<string, unknown>();
    let oldestMs = 0;

    const nextPage = async (shard: string): Promise<PageDone> => {
      try {
        const after = cursors.get(shard) ?? null;
        const page = await readPage(deps, shard, limits.duePageMax, after);
        failures.delete(shard);
        cursors.set(shard, page.cursor);
        oldestMs = Math.max(oldestMs, page.oldestMs);
        const { isOverloaded } = await dispatch(page.items, page.startedAt);
        return { isLast: page.cursor === null, isOverloaded: isOverloaded || page.unread > 0 };
      } catch (error) {
        failures.set(shard, error);
        // Read again in its next turn, if that may help.
        return { isLast: !isOverload(error), isOverloaded: isOverload(error) };
      }
    };
    await drain(shards, { page: nextPage, remainingMs, clock, sleep });
    await jobs.ended();

    if (remainingMs() > limits.dispatchMarginMs)
      try {
        oldestMs = Math.max(oldestMs, await oldestElsewhere(deps, shards));
      } catch (error) {
        failures.set("others", error);
      }
    metrics.milliseconds("OldestDueAge", oldestMs);
    metrics.flush();
    // Everything else has been handled; the invocation still counts as failed.
    for (const [shard, error] of failures) log.failure("shard not dispatched", error, { shard });
    if (failures.size > 0)
      throw new AggregateError([...failures.values()], "Shards could not be dispatched");
  };
