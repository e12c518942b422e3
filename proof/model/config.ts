import type { JobAction } from "../../domain/job.ts";

/** How the people and the parts that take part are called; a token and an event name them so. */
export type Role =
  | "ingestion"
  | "worker"
  | "dispatcher"
  | "operator"
  | "sender"
  | "eraser"
  | "job run";

/** What the world of a search has in it, and what may happen there. */
export type Config = {
  /** Submits of one message: the first, and repeats of it. */
  readonly ingestions: number;
  readonly workers: number;
  readonly dispatchers: number;
  /** How many attempts a message has, and how many a replay adds. */
  readonly attempts: number;
  /** How many people may each replay the message once. */
  readonly replays: number;
  /** How many people may each ask once that its next attempt begins at once. */
  readonly sendNows: number;
  /** How often the sender may cancel it. */
  readonly cancels: number;
  /** How many people may each erase its content once. */
  readonly erases: number;
  /** How many jobs may be made over it, and how many runs of the dispatcher may be at each at once. */
  readonly jobs: number;
  readonly jobRuns: number;
  readonly jobAction: JobAction;
  /** Whether a job that replays has canaries. */
  readonly canary: boolean;
  /** How often persons may pause or resume jobs. */
  readonly jobChanges: number;
  /** How many faults may happen; Infinity: any number. */
  readonly faults: number;
  /** Whether clocks differ by as much as they may, so that a record can come that much early. */
  readonly clocksDiffer: boolean;
  /** Whether a wait may also be longer than the queue can hold a record. */
  readonly far: boolean;
  /** Whether it is to be delivered at once, or later by less or more than the queue can hold. */
  readonly deliver: "now" | "near" | "far";
  /** Whether the first submit comes by the outbox: stored by a transaction of its sender. */
  readonly outbox?: boolean;
  /** Whether times have lengths, as in a walk. */
  readonly isTimed?: boolean;
  /** A condition of the lifecycle that is taken out: `enqueue.seen.notBefore`. */
  readonly without?: string;
  /** A mistake in the order of effects that is put in. */
  readonly mistake?: Mistake;
};

export const mistakes = {
  "mark-first": "A message is marked QUEUED before its record is sent.",
  "no-resend": "The dispatcher sends no second copy of a record that does not come.",
  "no-release": "The dispatcher leaves alone what a worker has lost.",
  "own-by-number":
    "A refused write counts as one's own by the attempt's number, without the token.",
  "abandon-first": "A worker abandons a message in place of a retry, without looking who asked.",
  "cancel-first": "The dispatcher releases a lost attempt as cancelled, without looking who asked.",
  "blind-replay": "Who replays a message does not look whether it has ended.",
  "act-first": "A job acts on a message before it stores its entry.",
  "entry-each-time": "A job stores an entry each time, and does not look whether there is one.",
  "job-without-plan": "A job acts on whatever has FAILED, whenever that was.",
} as const;
export type Mistake = keyof typeof mistakes;

export const defaults: Config = {
  ingestions: 2,
  workers: 2,
  dispatchers: 1,
  attempts: 2,
  replays: 0,
  sendNows: 0,
  cancels: 0,
  erases: 0,
  jobs: 0,
  jobRuns: 1,
  jobAction: "replay",
  canary: false,
  jobChanges: 0,
  faults: 1,
  clocksDiffer: false,
  far: false,
  deliver: "now",
};

const listRoles = ({
  ingestions,
  workers,
  dispatchers,
  replays,
  sendNows,
  erases,
  jobs,
  jobRuns,
}: Config): readonly Role[] => [
  ...Array<Role>(ingestions).fill("ingestion"),
  ...Array<Role>(workers).fill("worker"),
  ...Array<Role>(dispatchers).fill("dispatcher"),
  ...Array<Role>(replays).fill("operator"),
  ...Array<Role>(sendNows).fill("sender"),
  ...Array<Role>(erases).fill("eraser"),
  ...Array<Role>(jobs * jobRuns).fill("job run"),
];
/** It is asked in each step. */
const known = new WeakMap<Config, readonly Role[]>();

/** Who takes part, in an order that stays. */
export const rolesOf = (config: Config): readonly Role[] => {
  const roles = known.get(config) ?? listRoles(config);
  known.set(config, roles);
  return roles;
};

/** `worker 2`; without a number where there is but one of them. */
export const namesOf = (roles: readonly Role[]): readonly string[] =>
  roles.map((role, index) => {
    const isOnly = roles.filter((other) => other === role).length === 1;
    return isOnly ? role : `${role} ${roles.slice(0, index + 1).filter((r) => r === role).length}`;
  });

/** The highest number that an attempt can have, and one more for what must not happen. */
export const attemptsMax = ({ attempts, ...config }: Config): number =>
  attempts * (1 + replaysMax(config)) + 1;

/** How often a message can be replayed: by each person once, and by each job. */
export const replaysMax = ({ replays, jobs, jobAction }: Omit<Config, "attempts">): number =>
  replays + (jobAction === "replay" ? jobs : 0);

/** Which job a run is at; the runs come last, those of one job side by side. */
export const jobOfRun = (config: Config, index: number): number => {
  const { jobs, jobRuns } = config;
  return Math.floor((index - (rolesOf(config).length - jobs * jobRuns)) / jobRuns);
};
