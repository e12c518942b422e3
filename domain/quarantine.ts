import { leaseMsMax, scheduleRules } from "./audit-schedule.ts";
import { shapeRules } from "./audit-shape.ts";
import { isExpired, isStatus, isTerminal, type Message, type MessageKey } from "./message.ts";
import { type Fields, shapeFaults } from "./message-shape.ts";
import { lookAheadMsMax } from "./schedule.ts";

/** An item of the due index as it was read; anything of it may be wrong. */
export type DueFields = {
  /** The ids that its key is made of; none if it is not the key of a message. */
  readonly ids?: MessageKey;
  /** Whether it is a message of the version of items that this code knows. */
  readonly isMessage: boolean;
  readonly fields: Fields;
  /** As the rest of the code reads it; none where that is not possible. */
  readonly message?: Message;
};

const rules = [...shapeRules, ...scheduleRules] as const;
type RuleId = (typeof rules)[number]["id"];

/** Why nothing can be done about an item: by the names that the audit has for it. */
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
  /** Nothing that the dispatcher may do about it would be accepted by the table, now or ever. */
  | { readonly kind: "bad"; readonly reason: QuarantineReason; readonly evidence: string }
  /** Bad, and not due: the index is behind, or it has been moved out of the way already. */
  | { readonly kind: "moved" };

/** What the rules of the dispatcher count on; without the rest a message can be delivered. */
const needed = [
  ...["status", "attempts", "attemptsAllowed", "attemptsBefore", "giveUpAt", "notBefore"],
  ...["leaseUntil", "scheduleMs", "targetUrl", "senderShard"],
] as const satisfies readonly (keyof Message)[];

const malformed = ({ fields, message }: DueFields): readonly string[] => {
  const faults = shapeFaults(fields, needed);
  const { attempts } = fields;
  if (typeof attempts === "number" && !(Number.isInteger(attempts) && attempts >= 0))
    return [...faults, "attempts is not a count"];
  return faults.length > 0 || message ? faults : ["it cannot be read"];
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
  const { ids, isMessage, fields, message } = item;
  if (!ids || !isMessage) return ["unknown-item", "its kind, version or key is not a message's"];
  if (fields["senderId"] !== ids.senderId || fields["messageId"] !== ids.messageId)
    return ["key-mismatch", "its ids are not those of its key"];
  const { status } = fields;
  // Before its shape, which is the business of the version that knows the state.
  if (typeof status === "string" && !isStatus(status))
    return ["unknown-status", `its status is ${JSON.stringify(status)}`];
  const faults = malformed(item);
  if (faults.length > 0 || !message) return ["malformed", faults.join(", ")];
  return faultOf(message, facts);
};

/**
 * Whether the dispatcher can do anything about an item of the due index. A bad one would be read,
 * refused and logged in each run for ever, in front of all that is due after it.
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
 * The next look at a bad item: as late as any look may be. Never removed from the index: a newer
 * version may know the state, or somebody mends it, and then it goes on by itself.
 */
export const dueAfterQuarantine = (now: number): number => now + lookAheadMsMax;

/** What an operator should do about an item that is in quarantine for this reason. */
export const remedyOf = (reason: QuarantineReason): string =>
  rules.find(({ id }) => id === reason)?.remedy ?? "";
