import { lookAheadMsMax } from "../../domain/schedule.ts";
import type { Chronicle } from "./chronicle.ts";
import { senderId, start } from "./seeding.ts";
import type { Item, MemoryTable } from "./table.ts";
import type { Tape } from "./tape.ts";

/** What stands in the way of a run's messages in the due index. */
export type Obstacles = {
  /** Items that nothing can be done about, due before all others. */
  readonly items: readonly Item[];
  /** DynamoDB may end a page of the index early; so many entries are a page. */
  readonly pageMax: number;
};

const s = (value: string) => ({ S: value });
const n = (value: number) => ({ N: String(value) });

/** What is wrong with each, in DynamoDB's notation; `undefined` is taken away. */
const wrongs: readonly Readonly<Record<string, Item[string] | undefined>>[] = [
  { status: s("PAUSED") },
  { notBefore: undefined },
  { status: s("PROCESSING"), attempts: n(1) },
  { status: s("PROCESSING"), attempts: n(1), leaseUntil: n(2 ** 42) },
  { attempts: undefined },
  { lastOutcome: { NULL: true } },
  { status: s("COMPLETED"), notBefore: undefined },
  { messageId: s("order-1") },
  { __edb_v__: s("2") },
  { sk: s("$another_1") },
];

const marker = "bad-";
/** Whether an item of the table or of an index is one of these. */
export const isObstacle = (item: Item | undefined): boolean =>
  String(item?.["pk"]?.["S"]).includes(`#messageId_${marker}`);

const itemOf = (index: number, dueShard: number, wrong: (typeof wrongs)[number]): Item => {
  const messageId = `${marker}${index}`;
  const dueAt = start - index;
  const sound = {
    ...{ pk: s(`$postrider#senderId_${senderId}#messageId_${messageId}`) },
    ...{ sk: s("$history#message_1"), __edb_e__: s("message"), __edb_v__: s("1") },
    ...{ senderId: s(senderId), messageId: s(messageId), targetUrl: s("https://bad.example/") },
    ...{ status: s("PENDING"), attempts: n(0), attemptsAllowed: n(10), attemptsBefore: n(0) },
    ...{ replays: n(0), notBefore: n(dueAt), dueAt: n(dueAt), dueShard: s(String(dueShard)) },
    ...{ giveUpAt: n(start + 1e9), ttl: n(start / 1000 + 1e8), senderShard: s("0") },
    ...{ submitId: s("submit-bad"), createdAt: n(dueAt), updatedAt: n(dueAt) },
  };
  return Object.fromEntries(
    Object.entries({ ...sound, ...wrong }).filter(([, value]) => value !== undefined),
  ) as Item;
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
    wrote: (before: Item | undefined, after: Item | undefined): void => {
      if (!before) return;
      const name = String(before["pk"]?.["S"]);
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
      const awayMs = Number(after["dueAt"]?.["N"]) - now();
      if (awayMs < awayMsMin || awayMs > lookAheadMsMax + skewMs)
        violate(`${name} is looked at again in ${awayMs} ms`);
      if (Number(before["dueAt"]?.["N"]) > now() + skewMs)
        violate(`${name} was out of the way already`);
    },
    /** At the end, each must have been moved: they were due from the beginning. */
    ended: (table: MemoryTable): void => {
      for (const item of table.items().filter(isObstacle))
        if (item["quarantinedAt"] === undefined)
          violate(`${item["pk"]?.["S"]} was never moved out of the way`);
    },
  };
};
export type ObstacleWatch = ReturnType<typeof obstacleWatch>;
