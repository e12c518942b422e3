import type { ActionEntry } from "../../domain/action-entry.ts";
import type { Attempt } from "../../domain/attempt.ts";
import type { Job } from "../../domain/job.ts";
import type { Message } from "../../domain/message.ts";
import type { Item } from "./table.ts";

type Value = Readonly<Record<string, unknown>>;

const plainValueOf = (value: Value): unknown => {
  const [[type, given] = ["NULL", null]] = Object.entries(value);
  if (type === "N") return Number(given);
  if (type === "L") return (given as readonly Value[]).map(plainValueOf);
  if (type === "M") return plainOf(given as Item);
  return type === "NULL" ? undefined : given;
};

const plainOf = (item: Item): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

export const kindOf = (item: Item | undefined): string => String(item?.["__edb_e__"]?.["S"] ?? "");

/** A message as the table has it; bytes stay in base64, as they are only ever compared. */
export const messageOf = (item: Item | undefined): Message | undefined =>
  item && kindOf(item) === "message" ? (plainOf(item) as unknown as Message) : undefined;

export const jobOf = (item: Item): Job | undefined =>
  kindOf(item) === "job" ? (plainOf(item) as unknown as Job) : undefined;

export const actionOf = (item: Item): ActionEntry | undefined =>
  kindOf(item) === "action" ? (plainOf(item) as unknown as ActionEntry) : undefined;

export const attemptOf = (item: Item): Attempt | undefined =>
  kindOf(item) === "attempt" ? (plainOf(item) as unknown as Attempt) : undefined;
