/**
 * How many messages that are due a deployment looks after, and how long a backlog takes. Arithmetic
 * over one figure that is measured and a few that AWS publishes: nobody has measured it on AWS. The
 * page `docs/guides/operate.md` shows what it comes to.
 */
import { writeUnits } from "./cost.ts";

/**
 * `npm run bench -- dispatch`: the time of a processor that a run takes for a message. Of two measurements
 * on a busy machine, 1.1 and 1.5 ms, the slower one.
 */
export const measured = { processorMs: 1.5 } as const;

export const published = {
  /** Memory for which Lambda gives a function one whole core; one run uses no second. */
  mbPerCore: 1769,
  /** A second, of the partition that one key of an index is in. */
  partitionWriteUnits: 1000,
  /** A second, of a table on demand with its indexes, unless more is asked for. */
  tableWriteUnits: 40_000,
} as const;

/** Of each minute, the seconds in which a run begins pages: its time-out less its margin. */
const workingShare = 50 / 60;

/** Entries of the due index: an old one removed and a new one put by the dispatcher, one removed at the end. */
const dueIndexUnits = 3;
const messageUnits = writeUnits.queuedByDispatcher + writeUnits.claim + writeUnits.complete;

export type Plan = {
  readonly shards: number;
  readonly groups: number;
  readonly memoryMb: number;
};

/** Messages a second, by each of what bounds them. */
export const boundsOf = ({ shards, groups, memoryMb }: Plan) => ({
  dispatcher:
    groups *
    workingShare *
    Math.min(1, memoryMb / published.mbPerCore) *
    (1000 / measured.processorMs),
  dueIndex: (shards * published.partitionWriteUnits) / dueIndexUnits,
  table: published.tableWriteUnits / messageUnits,
});

/** Messages a second: the least of the bounds. */
export const perSecond = (plan: Plan): number => Math.min(...Object.values(boundsOf(plan)));

/** What the dispatcher did before it worked until its time was over, and what it does now. */
export const plans: readonly (Plan & { readonly what: string })[] = [
  { what: "`dev`", shards: 8, groups: 1, memoryMb: 512 },
  { what: "`prod`", shards: 8, groups: 4, memoryMb: 1024 },
  { what: "More groups, of a core each", shards: 8, groups: 8, memoryMb: 1769 },
  { what: "More shards, too", shards: 64, groups: 16, memoryMb: 1769 },
];
