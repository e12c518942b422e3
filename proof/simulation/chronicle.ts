import { createHash } from "node:crypto";
import { isExpired } from "../../domain/message.ts";
import type { Event } from "../invariants/events.ts";
import { watch } from "../invariants/judge.ts";
import type { Bounds } from "../invariants/promises.ts";
import { eventOfFault, type Fault } from "./faults.ts";

/** What is broken: one of the invariants, or what the simulation itself sees. */
export type Violation = {
  readonly invariant: string;
  readonly what: string;
  readonly message?: string;
};

export type Line = { readonly at: number; readonly who: string; readonly what: string };

/** A short name for a story: the same for two only if the same happened in both. */
export const digestOfLines = (lines: readonly Line[]): string =>
  createHash("sha256")
    .update(lines.map(({ at, who, what }) => `${at} ${who} ${what}\n`).join(""))
    .digest("base64url")
    .slice(0, 16);

/** An event before it has a time. */
type Untimed<E> = E extends Event ? Omit<E, "at"> : never;

/**
 * Writes down what happens in a run: the story for people, the events for the invariants, the
 * counts for coverage. The first violation is kept, and ends the run.
 */
export const chronicleFrom = (now: () => number, bounds: Bounds) => {
  const watcher = watch(bounds);
  const lines: Line[] = [];
  const counts = new Map<string, number>();
  let violation: Violation | undefined;
  let faults = 0;
  let lastFaultAt = Number.NEGATIVE_INFINITY;

  const count = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  const note = (who: string, what: string): void => {
    lines.push({ at: now(), who, what });
  };
  const violate = (found: Violation): void => {
    violation ??= found;
  };
  /** Messages that were removed when their time was over: nobody was promised more. */
  const expired = new Set<string>();
  const follow = (event: Untimed<Event>): void => {
    if (event.kind !== "written") return;
    const { key, before, after } = event;
    const name = `${key.senderId}/${key.messageId}`;
    if (after) expired.delete(name);
    else if (before && isExpired(before, now())) expired.add(name);
  };
  const observe = (event: Untimed<Event>): void => {
    follow(event);
    for (const { invariant, what, message } of watcher.observe({ at: now(), ...event } as Event)) {
      if (event.kind === "settled" && expired.has(message)) continue;
      count(`invariant ${invariant}`);
      violate({ invariant, what, message });
    }
  };
  return {
    note,
    count,
    observe,
    violate,
    /** Something was broken on purpose. */
    fault: (fault: Fault, name: string): void => {
      faults += 1;
      lastFaultAt = now();
      count(`${fault} ${name}`);
      observe({ kind: "fault", what: eventOfFault(fault) });
    },
    /** The code threw where nobody catches: no fault of the outside may do that. */
    broke: (error: unknown): void =>
      violate({
        invariant: "caught",
        what: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    violation: () => violation,
    faults: () => faults,
    lastFaultAt: () => lastFaultAt,
    lines: (): readonly Line[] => lines,
    counts: (): ReadonlyMap<string, number> => counts,
    digest: (): string => digestOfLines(lines),
  };
};
export type Chronicle = ReturnType<typeof chronicleFrom>;
