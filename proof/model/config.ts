/** How the people and the parts that take part are called; a token and an event name them so. */
export type Role = "ingestion" | "worker" | "dispatcher" | "operator" | "sender";

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
  faults: 1,
  clocksDiffer: false,
  far: false,
  deliver: "now",
};

/** Who takes part, in an order that stays. */
export const rolesOf = ({
  ingestions,
  workers,
  dispatchers,
  replays,
  sendNows,
}: Config): readonly Role[] => [
  ...Array<Role>(ingestions).fill("ingestion"),
  ...Array<Role>(workers).fill("worker"),
  ...Array<Role>(dispatchers).fill("dispatcher"),
  ...Array<Role>(replays).fill("operator"),
  ...Array<Role>(sendNows).fill("sender"),
];

/** `worker 2`; without a number where there is but one of them. */
export const namesOf = (roles: readonly Role[]): readonly string[] =>
  roles.map((role, index) => {
    const isOnly = roles.filter((other) => other === role).length === 1;
    return isOnly ? role : `${role} ${roles.slice(0, index + 1).filter((r) => r === role).length}`;
  });

/** The highest number that an attempt can have, and one more for what must not happen. */
export const attemptsMax = ({ attempts, replays }: Config): number => attempts * (1 + replays) + 1;
