import type { Message } from "./message.ts";
import { hostOf } from "./target-host.ts";

/** By what failures may be grouped. */
export const groupings = ["target", "reason"] as const;
export type Grouping = (typeof groupings)[number];

/** Failures that have something in common. */
export type FailureGroup = {
  /** The host of the target, with its port unless it is the default one; or the reason. */
  readonly key: string;
  readonly count: number;
  /** The first of them, and the latest. */
  readonly since: number;
  readonly lastAt: number;
  /** The latest of them. */
  readonly exampleMessageId: string;
};

const keyBy: { readonly [G in Grouping]: (message: Message) => string } = {
  target: ({ targetUrl }) => hostOf(targetUrl),
  reason: ({ failReason }) => failReason ?? "unknown",
};

/**
 * Groups messages that FAILED, given the latest first. The largest group comes first, and of two
 * equal ones the one with the latest failure.
 */
export const groupFailures = (
  failed: readonly Message[],
  by: Grouping,
): readonly FailureGroup[] => {
  const groups = new Map<string, FailureGroup>();
  for (const message of failed) {
    const key = keyBy[by](message);
    const { failedAt: at = message.updatedAt, messageId } = message;
    const group = groups.get(key);
    groups.set(
      key,
      group
        ? { ...group, count: group.count + 1, since: at }
        : { key, count: 1, since: at, lastAt: at, exampleMessageId: messageId },
    );
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt);
};
