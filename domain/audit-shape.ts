import type { AuditedMessage, ReadHistory, Rule, StoredHistory } from "./audit-rule.ts";
import { isStatus } from "./message.ts";
import { shapeFaults } from "./message-shape.ts";

/** Rules about items as read. If one of the last two is broken, no other rule can be checked. */
export const shapeRules = [
  {
    id: "message-missing",
    wrong: "There are attempts without their message.",
    remedy: "Someone deleted the message: copy it back from a restored copy of the table.",
    evidence: ({ message, attempts, now }) => {
      const kept = attempts.filter(({ fields }) => !(Number(fields["ttl"]) * 1000 <= now));
      return message === undefined && kept.length > 0
        ? `attempts without a message: ${kept.length}`
        : undefined;
    },
  },
  {
    id: "unknown-item",
    wrong: "This version of Postrider does not know the item's kind or version.",
    remedy:
      "If a newer version runs on this table, use its audit. If not, someone wrote the item by hand.",
    evidence: ({ strangers }) =>
      strangers > 0 ? `items of an unknown kind: ${strangers}` : undefined,
  },
  {
    id: "key-mismatch",
    wrong: "The ids in the item differ from those in its key.",
    remedy: "Someone changed the item. Set the ids to those of the key, which cannot change.",
    evidence: ({ message, attempts, payloads }) => {
      if (message && !message.isUnderItsKey) return "the message has other ids than its key";
      if (attempts.some(({ isUnderItsKey }) => !isUnderItsKey))
        return "an attempt has other ids or another number than its key";
      return payloads.some(({ isUnderItsKey }) => !isUnderItsKey)
        ? "the payload has other ids or another fingerprint than its key"
        : undefined;
    },
  },
  {
    id: "malformed",
    wrong: "An attribute of the message is missing or has the wrong type.",
    remedy:
      "Someone changed the item, or a bug wrote it. Copy the attribute from a restored copy of the table.",
    evidence: ({ message }) => {
      const faults = message ? shapeFaults(message.fields) : [];
      return faults.length > 0 ? faults.join(", ") : undefined;
    },
  },
  {
    id: "not-listed",
    wrong: "The message is missing from the index by sender, or has a wrong entry there.",
    remedy:
      "Set bySenderPk and bySenderSk as in other messages of this sender. Delivery does not depend on them.",
    unless: ["malformed"],
    evidence: ({ message }) =>
      message?.isListed === false
        ? "its keys for the index bySender are missing or wrong"
        : undefined,
  },
  {
    id: "unknown-status",
    wrong: "This version of Postrider does not know the status of the message.",
    remedy:
      "If a newer version wrote it, deploy that version again. If not, set the status by the message's times and attempts.",
    unless: ["malformed"],
    evidence: ({ message }) =>
      message === undefined || isStatus(message.fields["status"])
        ? undefined
        : `its status is ${JSON.stringify(message.fields["status"])}`,
  },
] as const satisfies readonly Rule<ReadHistory>[];

/** Returns the message of a history, or `undefined` if its attributes do not have their types. */
export const readableMessage = ({ key, message }: StoredHistory): AuditedMessage | undefined => {
  if (message === undefined || shapeFaults(message.fields).length > 0) return undefined;
  if (!isStatus(message.fields["status"])) return undefined;
  // With the ids of the key: ids that differ are reported once, by another rule.
  return { ...message.fields, ...key } as unknown as AuditedMessage;
};
