import type { MessageKey } from "./message.ts";
import type { Timings } from "./outcome.ts";

/**
 * One attempt and its outcome. A delivered attempt is stored on the message itself; it is an item
 * of its own only where the message cannot keep it.
 */
export type Attempt = MessageKey & {
  readonly number: number;
  /** The message's. Distinguishes its attempts from those of an expired message of the same id. */
  readonly submitId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly timings?: Readonly<Timings>;
  readonly class: string;
  readonly status?: number;
  /** The beginning of the response, if it was text. */
  readonly responseText?: string;
  readonly ttl: number;
};

/** An attempt as its sender sees it. `unknown`: its worker died before it stored the outcome. */
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
