import type { TraceContext } from "../domain/trace-context.ts";

/** What a span is about. Attributes are named as the semantic conventions of OpenTelemetry have them. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Who answers a request, who makes one, and who hands a message over (OpenTelemetry, "SpanKind"). */
export type SpanKind = "server" | "client" | "producer";

export type SpanStart = {
  readonly name: string;
  readonly kind: SpanKind;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly attributes: SpanAttributes;
};

export type SpanEnd = {
  readonly at: number;
  readonly attributes: SpanAttributes;
  /** Whether the span failed. */
  readonly isError: boolean;
  /** Another place that it has to do with, in this trace or in another one. */
  readonly link?: TraceContext | undefined;
};

/** A span that has begun. */
export type Span = {
  /** What comes next continues this. Without tracing: what the span itself was to continue. */
  readonly context: TraceContext | undefined;
  readonly end: (describe: () => SpanEnd) => void;
};

/** Records spans. What describes them is asked only if they are recorded. */
export type Tracing = {
  /**
   * Begins a span that continues `parent`. Without one it begins a trace, which may be sampled or not.
   */
  readonly start: (parent: TraceContext | undefined, describe: () => SpanStart) => Span;
  /**
   * Sends the spans that have ended since the last call. Resolves when the collector has them, has
   * refused them, or has taken too long; at once if there are none. If this process is stopped too soon
   * to wait for that, they are left for the next call.
   */
  readonly flush: (remainingMs?: number) => Promise<void>;
};

/** Records nothing, and hands on every trace as it came. */
export const noTracing: Tracing = {
  start: (parent) => ({ context: parent, end: () => {} }),
  flush: async () => {},
};
