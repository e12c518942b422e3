import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { readOperatorAccess } from "../../adapters/operator-file.ts";
import { bucketMs, bucketOf } from "../../domain/outcome-buckets.ts";
import { type CountedAttempt, outcomesOf } from "../../domain/outcome-counts.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import type { StartedEdition } from "./edition.ts";

const bucketsOfADay = 24 * 12;

/** The attempts of a bucket, the newest being the first: a wave over the day, and an hour of trouble. */
const attemptsIn = (senderId: string, ago: number): readonly CountedAttempt[] => {
  const accepted = Math.round(70 + 45 * Math.sin(ago / 30) + 12 * Math.sin(ago * 1.7));
  const inTrouble = ago > 60 && ago < 76;
  const attempt = (end: CountedAttempt["end"], index: number): CountedAttempt => ({
    ...{ senderId, end, exchangeMs: 20 + ((index * 37) % 180) },
    ...(end === "completed" && { deliveryMs: index % 19 === 0 ? 5200 : 60 + ((index * 53) % 300) }),
  });
  return [
    ...Array.from({ length: accepted }, (_, index) => attempt("completed", index)),
    ...Array.from({ length: inTrouble ? 34 : ago % 3 }, (_, index) => attempt("retried", index)),
    ...Array.from({ length: inTrouble ? 9 : 0 }, (_, index) => attempt("failed", index)),
  ];
};

/** Stores outcomes of a day that was not: an edition that has just begun has none to show. */
export const storeEarlierDay = async ({ dataDir, senderId }: StartedEdition): Promise<void> => {
  const access = await readOperatorAccess(dataDir);
  if (!access) throw new Error("The edition lets nobody work on its table");
  const client = dynamoDbClient({ ...access, requestTimeoutMs: 10_000 });
  const store = outcomeStore({ client, table: access.table });
  const now = systemClock();
  const ttl = Math.ceil(now / 1000) + 86_400;
  for (let ago = 1; ago < bucketsOfADay; ago += 1) {
    const key = { senderId, shard: 0, from: bucketOf(now - ago * bucketMs) };
    await store.add(key, outcomesOf(attemptsIn(senderId, ago)), ttl);
  }
  client.destroy();
};
