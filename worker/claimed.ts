import type { Message, Status } from "../domain/message.ts";
import type { FailBecause, RetryBecause } from "./outcome.ts";

/** How a message goes on after an attempt was settled. */
export type Settled =
  /**
   * It was settled by this call. Its status may be another than one thinks: a retry of the last
   * attempt is FAILED, and one whose sender asked to cancel is CANCELLED.
   */
  | {
      readonly kind: "settled";
      readonly status: Status;
      readonly nextAttemptAt?: number | undefined;
    }
  /** The lease had ended, and somebody else has the message. Nothing was changed. */
  | { readonly kind: "overtaken" };

/**
 * A message whose attempt is yours until its lease ends. Settle it by one of its verbs: the first one
 * decides, and to call it again after an error is safe.
 */
export type Claimed = {
  /** As it was claimed. Its body and headers may be stored apart: `body` and `headers` have them. */
  readonly message: Message;
  /**
   * The same on every attempt and replay. Give it to whatever you call, as an idempotency key: a
   * worker that dies before it has settled leaves its work done, and another does it again.
   */
  readonly id: string;
  /**
   * The headers that hand its trace on (W3C Trace Context), for whatever you call: `traceparent`, and
   * `tracestate` if it has one. Empty if it is in no trace.
   */
  readonly trace: Readonly<Record<string, string>>;
  /** Byte for byte as it was sent. */
  readonly body: Uint8Array;
  readonly text: () => string;
  /** Throws a SyntaxError if the body is no JSON. */
  readonly json: () => unknown;
  /** Throws if there are secret headers and they cannot be decrypted: see `masterKeys`. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** How many milliseconds the work may still take. After that another worker may have the message. */
  readonly remainingMs: () => number;
  /** It is done: COMPLETED. `status` is kept as that of an HTTP target would be. Default: 200. */
  readonly complete: (status?: number) => Promise<Settled>;
  /** It is not done: tried again by the schedule, or FAILED if no attempt or no time is left. */
  readonly retry: (because: RetryBecause) => Promise<Settled>;
  /** It never will be done: FAILED. */
  readonly fail: (because: FailBecause) => Promise<Settled>;
};
