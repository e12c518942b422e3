import { leaseMsMax, scheduleRules } from "./audit-schedule.ts";
import { shapeRules } from "./audit-shape.ts";
import { isExpired, isStatus, isTerminal, type Message, type MessageKey } from "./message.ts";
import { type Fields, shapeFaults } from "./message-shape.ts";
import { lookAheadMsMax } from "./schedule.ts";

/** An item of the due index as read. Any part of it may be damaged. */
export type DueFields = {
  /** The ids in its key, if it is the key of a message. */
  readonly ids?: MessageKey;
  readonly fields: Fields;
  /** The message, if it is one in a version that this code knows. Its attributes may be damaged. */
  readonly message?: Message;
};

const rules = [...shapeRules, ...scheduleRules] as const;
type RuleId = (typeof rules)[number]["id"];

/** Why an item cannot be handled. The audit uses the same names. */
export const quarantineReasons = [
  "unknown-item",
  "key-mismatch",
  "unknown-status",
  "malformed",
  "due-after-end",
  "alive-past-ttl",
  "no-start",
  "no-lease",
  "lease-too-long",
] as const satisfies readonly RuleId[];
export type QuarantineReason = (typeof quarantineReasons)[number];

export type Judged =
  | { readonly kind: "sound"; readonly message: Message }
  /** The table would refuse every write of the dispatcher to it. */
  | { readonly kind: "bad"; readonly reason: QuarantineReason; readonly evidence: string }
  /** Bad but not due: the index is behind, or it is in quarantine already. */
  | { readonly kind: "moved" };

/** The fields that the dispatcher needs. A message can be delivered without the others. */
const needed = [
  ...["status", "attempts", "attemptsAllowed", "attemptsBefore", "giveUpAt", "notBefore"],
  ...["leaseUntil", "scheduleMs", "targetUrl", "senderShard", "lastOutcome"],
] as const satisfies readonly (keyof Message)[];

const malformed = (fields: Fields): readonly string[] => {
  const { attempts } = fields;
  const isCount = typeof attempts !== "number" || (Number.isInteger(attempts) && attempts >= 0);
  return [...shapeFaults(fields, needed), ...(isCount ? [] : ["attempts is not a count"])];
};

type Bad = readonly [reason: QuarantineReason, evidence: string];

const faultOf = (
  message: Message,
  { now, clockMarginMs }: { readonly now: number; readonly clockMarginMs: number },
): Bad | undefined => {
  const { status, dueAt, notBefore, leaseUntil } = message;
  if (isTerminal(status)) return dueAt === undefined ? undefined : ["due-after-end", status];
  if (isExpired(message, now)) return ["alive-past-ttl", status];
  if (status !== "PROCESSING")
    return notBefore === undefined ? ["no-start", `${status} without notBefore`] : undefined;
  if (leaseUntil === undefined) return ["no-lease", `${status} without leaseUntil`];
  return leaseUntil > now + leaseMsMax + clockMarginMs
    ? ["lease-too-long", `leaseUntil is ${leaseUntil}`]
    : undefined;
};

const badIn = (item: DueFields, facts: Parameters<typeof faultOf>[1]): Bad | undefined => {
  const { ids, fields, message } = item;
  if (!ids || !message) return ["unknown-item", "its kind, version or key is not a message's"];
  if (fields["senderId"] !== ids.senderId || fields["messageId"] !== ids.messageId)
    return ["key-mismatch", "its ids are not those of its key"];
  const { status } = fields;
  // Before its shape: only the version that knows the state can judge that.
  if (typeof status === "string" && !isStatus(status))
    return ["unknown-status", `its status is ${JSON.stringify(status)}`];
  const faults = malformed(fields);
  if (faults.length > 0) return ["malformed", faults.join(", ")];
  return faultOf(message, facts);
};

/**
 * Tells whether the dispatcher can act on an item of the due index. A bad item would be read,
 * refused and logged in every run, in front of everything that is due after it.
 */
export const judgeDue = (
  item: DueFields,
  facts: { readonly now: number; readonly clockMarginMs: number },
): Judged => {
  const bad = badIn(item, facts);
  if (!bad && item.message) return { kind: "sound", message: item.message };
  const { dueAt } = item.fields;
  if (!bad || !(typeof dueAt === "number" && dueAt <= facts.now)) return { kind: "moved" };
  const [reason, evidence] = bad;
  return { kind: "bad", reason, evidence };
};

/**
 * Returns when a bad item is checked again: as late as any check may be. It stays in the index, so
 * it goes on by itself once somebody repairs it or a newer version knows its state.
 */
export const dueAfterQuarantine = (now: number): number => now + lookAheadMsMax;

/** Returns what an operator should do about an item in quarantine. */
export const remedyOf = (reason: QuarantineReason): string =>
  rules.find(({ id }) => id === reason)?.remedy ?? "";
