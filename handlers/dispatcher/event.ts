import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { limits } from "../../domain/limits.ts";

const shard = z
  .number()
  .int()
  .min(0)
  .max(limits.shardsMax - 1);

/**
 * The event of a run: `{ "shards": [0, 4] }`, the shards to handle. Without `shards`, as from the
 * local edition and from a schedule without input, all of them.
 */
const dispatchEvent = z.object({
  shards: z.array(shard).min(1).max(limits.shardsMax).optional(),
});

export const allShards = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, shard) => String(shard));

/**
 * Returns the shards of an event, each once; `count` is how many there are. Throws an error that
 * names every fault of an invalid event. A shard that does not exist yet, or no longer, is no
 * fault: functions and schedules are not deployed at the same moment.
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
