import { limits } from "./limits.ts";
import type { Message } from "./message.ts";

/**
 * The place of a message in a trace (W3C Trace Context, Level 2). Whatever comes next is a child of
 * the span that it names.
 */
export type TraceContext = {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 of them, not all zero. */
  readonly spanId: string;
  /** 0 to 255: see `traceFlags`. */
  readonly flags: number;
  /** What tracing systems along the way keep to themselves, as it came. */
  readonly tracestate?: string | undefined;
};

/** The flags that have a meaning (Level 2, 2.2.5): whether spans are recorded, and a random trace id. */
export const traceFlags = { sampled: 0x01, random: 0x02 } as const;

/** A later version may have more after another dash (Level 2, 2.2.2). */
const parentForm =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/;

/** Level 2, 2.3: a key, and a value that does not end in a space. Level 1 allows fewer keys. */
const stateMember =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Optional white space around the members of a list (RFC 9110, 5.6.3). */
const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, "");

/**
 * Returns a `tracestate` as it came, or `undefined` for one that is to be discarded. More than 32 members
 * are not valid (Level 2, 3.3.1.3); more than 512 characters need not be passed on (3.3.1.5).
 */
const parseState = (text: string | undefined): string | undefined => {
  const state = trimmed(text ?? "");
  if (state.length > limits.tracestateCharsMax) return undefined;
  const members = state
    .split(",")
    .map(trimmed)
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  const isValid =
    members.length > 0 &&
    members.length <= limits.tracestateMembersMax &&
    keys.size === members.length &&
    members.every((member) => stateMember.test(member));
  return isValid ? state : undefined;
};

/**
 * Parses the headers `traceparent` and `tracestate`. Returns `undefined` if the first is absent or not
 * valid: whoever cannot read a trace goes on as if there were none (Level 2, 3.3.1). A `tracestate` that
 * is not valid, too long or alone is left out. Several headers of one name are given as a list joined by
 * commas: that is valid for `tracestate` only.
 */
export const parseTraceContext = (
  traceparent: string | undefined,
  tracestate?: string | undefined,
): TraceContext | undefined => {
  const parent = parentForm.exec(trimmed(traceparent ?? ""))?.groups;
  if (!parent) return undefined;
  const { version, traceId = "", spanId = "", flags = "", more } = parent;
  const isOther = version !== "00";
  if (version === "ff" || (!isOther && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = parseState(tracestate);
  return {
    traceId,
    spanId,
    flags: Number.parseInt(flags, 16),
    ...(state && { tracestate: state }),
  };
};

/** Returns the text of `traceparent`, in version 00, which is the one that is known here. */
export const traceparentOf = ({ traceId, spanId, flags }: TraceContext): string =>
  `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;

/** Returns the headers that hand a trace on. */
export const traceHeaders = (context: TraceContext): Readonly<Record<string, string>> => ({
  traceparent: traceparentOf(context),
  ...(context.tracestate && { tracestate: context.tracestate }),
});

/** The bytes of a trace id, of a span id, and of the flags: less than half of the text. */
const idBytes = { trace: 16, span: 8, flags: 1 } as const;
const storedBytes = idBytes.trace + idBytes.span + idBytes.flags;

/** Returns the attributes by which a message keeps its place in a trace: none without one. */
export const storedTrace = (
  context: TraceContext | undefined,
): Pick<Message, "trace" | "tracestate"> => {
  if (!context) return {};
  const { traceId, spanId, flags, tracestate } = context;
  const trace = Buffer.concat([Buffer.from(traceId + spanId, "hex"), Buffer.of(flags)]);
  return { trace, ...(tracestate && { tracestate }) };
};

/** Returns the place of a message in a trace, or `undefined` if it is in none. */
export const traceOf = ({
  trace,
  tracestate,
}: Pick<Message, "trace" | "tracestate">): TraceContext | undefined => {
  if (trace?.byteLength !== storedBytes) return undefined;
  const hex = Buffer.from(trace).toString("hex");
  const spanAt = 2 * idBytes.trace;
  const flagsAt = spanAt + 2 * idBytes.span;
  return {
    traceId: hex.slice(0, spanAt),
    spanId: hex.slice(spanAt, flagsAt),
    flags: Number.parseInt(hex.slice(flagsAt), 16),
    ...(tracestate && { tracestate }),
  };
};
