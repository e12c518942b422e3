import type { MessageKey } from "../../domain/message.ts";
import { afterSettling } from "./at-rest.ts";
import type { Event } from "./events.ts";
import { type Past, remember, unknownPast } from "./past.ts";
import type { Bounds, Violation } from "./promises.ts";
import { judgeFound, judgeRecord, judgeRequest, judgeTold } from "./seen.ts";
import { judgeWrite } from "./written.ts";

/** What the event breaks, given what was known of this one message before it. */
export const judge = (past: Past, event: Event, bounds: Bounds): readonly Violation[] => {
  switch (event.kind) {
    case "written":
      return judgeWrite(past, event, bounds);
    case "record":
      return judgeRecord(past, event);
    case "requested":
      return judgeRequest(past, event, bounds);
    case "told":
      return judgeTold(past, event);
    case "found":
      return judgeFound(past, event, bounds);
    case "settled":
      return afterSettling(past);
    case "asked":
    case "planned":
    case "entered":
    case "answered":
    case "fault":
      return [];
  }
};

/** What a message is called where messages are counted. */
export const nameOf = ({ senderId, messageId }: MessageKey): string => `${senderId}/${messageId}`;

/** A violation with the message and the event at which it came to light. */
export type Finding = Violation & { readonly message: string; readonly event: Event };

/**
 * Watches the events of many messages as they happen, and says of each what it breaks. An event
 * without a key concerns every message.
 */
export const watch = (bounds: Bounds) => {
  const pasts = new Map<string, Past>();
  /** What all messages have in common: faults that happened before a message was first heard of. */
  let common = unknownPast;

  const observeOne = (message: string, event: Event): readonly Finding[] => {
    const past = pasts.get(message) ?? common;
    const violations = judge(past, event, bounds);
    pasts.set(message, remember(past, event));
    return violations.map((violation) => ({ ...violation, message, event }));
  };
  return {
    observe: (event: Event): readonly Finding[] => {
      if ("key" in event && event.key) return observeOne(nameOf(event.key), event);
      common = remember(common, event);
      return [...pasts.keys()].flatMap((message) => observeOne(message, event));
    },
    /** What is known of each message, for those who count. */
    pasts: (): ReadonlyMap<string, Past> => pasts,
  };
};

/** Judges a whole log. */
export const findingsOf = (log: readonly Event[], bounds: Bounds): readonly Finding[] => {
  const { observe } = watch(bounds);
  return log.flatMap(observe);
};
