import type { MessageKey } from "./message.ts";
import type { Timings } from "./outcome.ts";

/**
 * What one attempt saw. One that succeeded is on the message itself, and here only where the message
 * does not keep it.
 */
export type Attempt = MessageKey & {
  readonly number: number;
  /** Of the message: tells the attempts of one that expired from those of its successor. */
  readonly submitId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly timings?: Readonly<Timings>;
  readonly class: string;
  readonly status?: number;
  /** The beginning of the answer, if it was text. */
  readonly responseText?: string;
  readonly ttl: number;
};

/** An attempt as its sender is shown it; `unknown`: nobody can say what came of it. */
export type AttemptView = {
  readonly number: number;
  readonly outcome: "delivered" | "failed" | "in-progress" | "unknown";
  readonly class?: string;
  readonly status?: number;
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly timings?: Readonly<Timings>;
  readonly responseText?: string;
};
