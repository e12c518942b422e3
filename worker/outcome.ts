import { isAccepted, type NoAnswerClass, type Outcome } from "../domain/outcome.ts";

/**
 * Why an attempt is to be tried again, in the words that the history shows: an HTTP status, or what
 * kept an answer away. `afterMs` makes the wait of the schedule longer, to a day at most.
 */
export type RetryBecause = { readonly afterMs?: number | undefined } & (
  | { readonly class: "status"; readonly status: number }
  | { readonly class: Exclude<NoAnswerClass, "target-blocked" | "unsendable"> }
);

/** Why no other attempt would help: nobody is there any more, or this message cannot be sent. */
export type FailBecause = "gone" | "unsendable";

/** Throws a TypeError if it is no 2xx: `COMPLETED` says that the message was accepted. */
export const accepted = (status: number): Outcome => {
  if (!Number.isInteger(status) || !isAccepted(status))
    throw new TypeError(`complete takes a status from 200 to 299, not ${status}`);
  return { kind: "accepted", status };
};

/** Throws a TypeError that names every fault. */
export const retryable = (because: RetryBecause): Outcome => {
  const { afterMs = 0 } = because;
  const status = because.class === "status" ? because.status : undefined;
  const isStatus =
    status === undefined || (Number.isInteger(status) && status >= 100 && status <= 599);
  const faults = [
    ...(isStatus ? [] : [`a status from 100 to 599, not ${status}`]),
    ...(Number.isFinite(afterMs) && afterMs >= 0 ? [] : [`afterMs of 0 or more, not ${afterMs}`]),
  ];
  if (faults.length > 0) throw new TypeError(`retry takes ${faults.join(", and ")}`);
  const outcome = { kind: "retryable", class: because.class } as const;
  return {
    ...outcome,
    ...(status !== undefined && { status }),
    ...(afterMs > 0 && { retryAfterMs: Math.ceil(afterMs) }),
  };
};

export const final = (because: FailBecause): Outcome =>
  because === "gone"
    ? { kind: "final", class: "status", status: 410, reason: because }
    : { kind: "final", class: because, reason: because };

/** Work that threw: nobody knows what it did by then. */
export const unknownOutcome: Outcome = { kind: "retryable", class: "unknown" };
