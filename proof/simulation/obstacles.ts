import { lookAheadMsMax } from "../../domain/schedule.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Fields } from "./items.ts";
import { senderId, start } from "./seeding.ts";
import type { Table } from "./table.ts";
import type { Tape } from "./tape.ts";

/** What stands in the way of a run's messages in the due index. */
export type Obstacles = {
  /** Items that nothing can be done about, due before all others. */
  readonly items: readonly Fields[];
  /** DynamoDB may end a page of the index early; so many entries are a page. */
  readonly pageMax: number;
};

/** What is wrong with each; `undefined` is taken away. */
const wrongs: readonly Fields[] = [
  { status: "PAUSED" },
  { notBefore: undefined },
  { status: "PROCESSING", attempts: 1 },
  { status: "PROCESSING", attempts: 1, leaseUntil: 2 ** 42 },
  { attempts: undefined },
  { lastOutcome: null },
  { status: "COMPLETED", notBefore: undefined },
  { messageId: "order-1" },
  { __edb_v__: "2" },
  { sk: "$another_1" },
];

const marker = "bad-";
/** Whether an item of the table or of an index is one of these. */
export const isObstacle = (item: Fields | undefined): boolean =>
  String(item?.["pk"]).includes(`#messageId_${marker}`);

const itemOf = (index: number, dueShard: number, wrong: Fields): Fields => {
  const messageId = `${marker}${index}`;
  const dueAt = start - index;
  const sound = {
    ...{ pk: `$postrider#senderId_${senderId}#messageId_${messageId}` },
    ...{ sk: "$history#message_1", __edb_e__: "message", __edb_v__: "1" },
    ...{ senderId, messageId, targetUrl: "https://bad.example/" },
    ...{ status: "PENDING", attempts: 0, attemptsAllowed: 10, attemptsBefore: 0 },
    ...{ replays: 0, notBefore: dueAt, dueAt, dueShard: String(dueShard) },
    ...{ giveUpAt: start + 1e9, ttl: start / 1000 + 1e8, senderShard: "0" },
    ...{ submitId: "submit-bad", createdAt: dueAt, updatedAt: dueAt },
  };
  return Object.fromEntries(
    Object.entries({ ...sound, ...wrong }).filter(([, value]) => value !== undefined),
  );
};

/** Draws what is in the way; past the end of a tape, nothing. */
export const obstaclesOf = (tape: Tape, shards: number): Obstacles => {
  const count = tape.pick([0, 0, 0, 1, 4]);
  const pageMax = tape.pick([100, 100, 100, 1, 2]);
  const items = Array.from({ length: count }, (_, index) =>
    itemOf(index, tape.choose(shards), tape.pick(wrongs)),
  );
  return { items, pageMax };
};

/** What may be written to such an item. */
const written = ["dueAt", "quarantinedAt"];
/** A dispatcher may be asleep for an hour between its decision and its write. */
const awayMsMin = lookAheadMsMax / 2;

/** Watches what becomes of them. */
export const obstacleWatch = (
  { chronicle, now }: { readonly chronicle: Chronicle; readonly now: () => number },
  skewMs: number,
) => {
  const violate = (what: string): void => chronicle.violate({ invariant: "set-aside", what });
  return {
    /** One of them changed. */
    wrote: (before: Fields | undefined, after: Fields | undefined): void => {
      if (!before) return;
      const name = String(before["pk"]);
      if (!after) {
        violate(`${name} was removed`);
        return;
      }
      const names = new Set([...Object.keys(before), ...Object.keys(after)]);
      const changed = [...names].filter(
        (each) => JSON.stringify(before[each]) !== JSON.stringify(after[each]),
      );
      chronicle.note("quarantine", `${name} is looked at again in six hours`);
      chronicle.count("set aside");
      if (!changed.every((each) => written.includes(each)))
        violate(`of ${name} was changed: ${changed.join(", ")}`);
      const awayMs = Number(after["dueAt"]) - now();
      if (awayMs < awayMsMin || awayMs > lookAheadMsMax + skewMs)
        violate(`${name} is looked at again in ${awayMs} ms`);
      if (Number(before["dueAt"]) > now() + skewMs) violate(`${name} was out of the way already`);
    },
    /** At the end, each must have been moved: they were due from the beginning. */
    ended: (table: Table): void => {
      for (const item of table.items().filter(isObstacle))
        if (item["quarantinedAt"] === undefined)
          violate(`${item["pk"]} was never moved out of the way`);
    },
  };
};
export type ObstacleWatch = ReturnType<typeof obstacleWatch>;
