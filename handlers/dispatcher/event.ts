import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";

const shard = z
  .number()
  .int()
  .min(0)
  .max(limits.shardsMax - 1);

/**
 * What starts a run: `{ "shards": [0, 4] }`, the shards to look after. Without `shards`, as from the
 * local edition and from a schedule that has no input of its own, all of them.
 */
const dispatchEvent = z.object({
  shards: z.array(shard).min(1).max(limits.shardsMax).optional(),
});

export const allShards = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, shard) => String(shard));

/**
 * The shards that an event asks for, each once; `count` is how many there are. Throws an error that
 * names every fault of an event that asks for none or for what no shard can be. One that is not there
 * yet, or no more, is no fault: functions and schedules are not deployed in one moment.
 */
export const shardsIn = (event: unknown, count: number): readonly string[] => {
  const parsed = dispatchEvent.safeParse(event, { error: inWords });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "event"}: ${message}`,
    );
    throw new Error(`The dispatcher cannot run: ${faults.join("; ")}`);
  }
  const { shards } = parsed.data;
  return shards ? [...new Set(shards)].map(String) : allShards(count);
};
