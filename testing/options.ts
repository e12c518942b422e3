import type { Worker } from "../worker/own-worker.ts";

export type TestPostriderOptions = {
  /** What the clock shows at first: a `Date`, a text of RFC 3339, or epoch milliseconds. */
  readonly startAt?: Date | string | number | undefined;
  /** The sender that `client` belongs to. Default: `shop`. */
  readonly senderId?: string | undefined;
  /** Makes the attempts in place of Postrider's own worker: the handler of a worker of yours. */
  readonly worker?: ((worker: Worker) => ReturnType<Worker["handler"]>) | undefined;
  /** Settings that are not at their default of a deployment, by variable, as a stage has them. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};
