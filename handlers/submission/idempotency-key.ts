import type { Issue } from "../../domain/problem.ts";
import { isObject } from "./members.ts";

/**
 * A string of RFC 9651, as the IETF draft "The Idempotency-Key HTTP Header Field" has the value.
 */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;

/** The message id that the header names, or what is wrong with the header. */
export type IdempotencyKey = { readonly messageId: string } | { readonly fault: string };

/**
 * Returns what an `Idempotency-Key` names. Most clients send the id bare, the IETF draft has it in
 * double quotes: both mean the same. So an id that begins with a double quote is sent in quotes.
 */
export const idempotencyKeyIn = (value: string | undefined): IdempotencyKey | undefined => {
  if (value === undefined) return undefined;
  if (!value.startsWith('"')) return { messageId: value };
  const [, inside] = quoted.exec(value) ?? [];
  return inside === undefined
    ? { fault: "begins with a double quote in Idempotency-Key but is not a string of RFC 9651" }
    : { messageId: inside.replace(/\\(.)/g, "$1") };
};

/** Returns the members of a submit, with the id of the header if they have none. */
export const withKey = (raw: unknown, key: IdempotencyKey | undefined): unknown =>
  key && "messageId" in key && isObject(raw) && raw["messageId"] === undefined
    ? { ...raw, messageId: key.messageId }
    : raw;

/**
 * Returns the fault of the header, also beside the members: it must be clear which message it
 * names.
 */
export const keyFaults = (raw: unknown, key: IdempotencyKey | undefined): readonly Issue[] => {
  const path = ["messageId"];
  if (!key || !isObject(raw)) return [];
  if ("fault" in key) return [{ path, message: key.fault }];
  const { messageId = key.messageId } = raw;
  return messageId === key.messageId
    ? []
    : [{ path, message: "is not the one that Idempotency-Key names" }];
};
