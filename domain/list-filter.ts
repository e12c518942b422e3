import type { Entry, Order, TimeRange } from "./listing.ts";
import { type FailReason, isExpired, isTerminal, type Message, type Status } from "./message.ts";

/** A host with an optional port, or a URL to the letter. */
export type Target =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "host"; readonly hostname: string; readonly port?: string };

/** Which messages of its own a sender wants to see. */
export type ListFilter = {
  readonly status?: Status | "unfinished";
  /** The first moment that is listed. */
  readonly from?: number;
  /** The first moment that is not listed any more. */
  readonly to?: number;
  readonly target?: Target;
  readonly reason?: FailReason;
};

/** The index that a list is read from. */
export type ListIndex = "bySender" | "failed" | "due";

export const indexFor = ({ status }: ListFilter): ListIndex => {
  if (status === "FAILED") return "failed";
  return status === "unfinished" ? "due" : "bySender";
};

export const orderOf = (index: ListIndex): Order =>
  index === "due" ? "soonest-first" : "newest-first";

/** As many digits as the sort keys of the index have. */
const latest = 99_999_999_999_999;
const within = (ms: number): number => Math.min(Math.max(ms, 0), latest);

/**
 * Returns the times of the index to read: `createdAt`, or `failedAt` of messages that FAILED. The
 * index of unfinished messages has neither; there `matches` compares `createdAt`.
 */
export const rangeOf = (filter: ListFilter): TimeRange => {
  if (indexFor(filter) === "due") return { from: 0, to: latest };
  const { from = 0, to = latest + 1 } = filter;
  return { from: within(from), to: Math.min(to - 1, latest) };
};

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

const hostForm = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\\[\]]+)(?::(\d{1,5}))?$/;

/** Reads a target: a URL if it has a scheme, else a host. Returns `undefined` if it is neither. */
export const parseTarget = (text: string): Target | undefined => {
  if (/^https?:\/\//i.test(text)) return urlOf(text) && { kind: "url", url: text };
  const [, name, port] = hostForm.exec(text) ?? [];
  const url = urlOf(`https://${name}`);
  if (name === undefined || !url || Number(port ?? 0) > 65_535) return undefined;
  return { kind: "host", hostname: url.hostname, ...(port && { port: String(Number(port)) }) };
};

const portOf = ({ port, protocol }: URL): string => port || (protocol === "http:" ? "80" : "443");

/** A host without a port is the host at the default port of its scheme. */
const isAt = (targetUrl: string, target: Target): boolean => {
  if (target.kind === "url") return targetUrl === target.url;
  const url = urlOf(targetUrl);
  if (url?.hostname !== target.hostname) return false;
  return target.port === undefined ? url.port === "" : portOf(url) === target.port;
};

/**
 * Tells whether a message is in the list at the place of an entry. The index may be behind: a
 * message that has another time by now has another entry too, and is listed there.
 */
export const matches = (
  filter: ListFilter,
  now: number,
): ((message: Message, entry: Entry) => boolean) => {
  const { status, from = -Infinity, to = Infinity, target, reason } = filter;
  const index = indexFor(filter);
  const isHere = (message: Message, { at }: Entry): boolean => {
    if (index === "failed") return message.failedAt === at;
    // Dispatcher and worker move a message in the index of the due ones: each place counts.
    return index === "due" ? !isTerminal(message.status) : message.createdAt === at;
  };
  return (message, entry) =>
    isHere(message, entry) &&
    !isExpired(message, now) &&
    (index === "due" || status === undefined || message.status === status) &&
    (index !== "due" || (message.createdAt >= from && message.createdAt < to)) &&
    (target === undefined || isAt(message.targetUrl, target)) &&
    (reason === undefined || message.failReason === reason);
};
