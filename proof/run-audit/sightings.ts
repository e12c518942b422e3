import type { RunEvent } from "../edition/log.ts";
import { type Finding, nameOf } from "../invariants/judge.ts";
import { isSuccess } from "../invariants/past.ts";
import type { Stored } from "./stored.ts";

export const isStored = (event: RunEvent): event is Stored => event.kind === "found";

/** What reached a target of another sender than it names, or was signed by another. */
export const strays = (log: readonly RunEvent[]): readonly Finding[] =>
  log.flatMap((event): readonly Finding[] => {
    if (event.kind !== "requested") return [];
    const { tenant, signedBy = tenant, key } = event;
    const found = { invariant: "separate", message: nameOf(key), event } as const;
    if (tenant !== key.senderId) return [{ ...found, what: `it reached a target of ${tenant}` }];
    return signedBy === tenant ? [] : [{ ...found, what: `it was signed by ${signedBy}` }];
  });

/** What arrived with a signature that nobody's secret makes of it. */
export const forged = (log: readonly RunEvent[]): readonly Finding[] =>
  log.flatMap((event): readonly Finding[] =>
    event.kind === "requested" && event.signedBy === undefined
      ? [{ invariant: "unchanged", what: "not what was signed", message: nameOf(event.key), event }]
      : [],
  );

/** What the table calls delivered, and the target never got by that attempt. */
export const undelivered = (log: readonly RunEvent[]): readonly Finding[] => {
  const got = new Set(
    log.flatMap((event) =>
      event.kind === "requested" ? [`${nameOf(event.key)}/${event.attempt}`] : [],
    ),
  );
  return log.filter(isStored).flatMap((event): readonly Finding[] => {
    const { status, lastOutcome } = event.message;
    const message = nameOf(event.key);
    if (status !== "COMPLETED" || got.has(`${message}/${lastOutcome?.attempt}`)) return [];
    const what = `COMPLETED by attempt ${lastOutcome?.attempt}, which the target never got`;
    return [{ invariant: "earned", what, message, event }];
  });
};

/** Why a request came after the target had accepted one. */
export type Repeats = Readonly<Record<"crash" | "lostAnswer" | "frozen" | "unexplained", number>>;

const reasons: Readonly<Record<string, keyof Repeats>> = { crash: "crash", frozen: "frozen" };

/** Counts the requests after an accepted one by the fault behind it; the log has them explained. */
export const repeatsOf = (explained: readonly RunEvent[]): Repeats => {
  const last = new Map<string, keyof Repeats>();
  const counts = { crash: 0, lostAnswer: 0, frozen: 0, unexplained: 0 };
  for (const event of explained) {
    if (!("key" in event) || !event.key) continue;
    const name = nameOf(event.key);
    const why = last.get(name);
    if (event.kind === "answered" && isSuccess(event.status)) last.set(name, "unexplained");
    if (event.kind === "fault" && why !== undefined)
      last.set(name, reasons[event.what] ?? "lostAnswer");
    if (event.kind === "requested" && why !== undefined) counts[why] += 1;
  }
  return counts;
};
