/** Returns the shards of each group of the dispatcher. Every shard is in exactly one group. */
export const shardGroups = (shards: number, groups: number): readonly (readonly number[])[] =>
  Array.from({ length: groups }, (_, group) =>
    Array.from({ length: shards }, (_, shard) => shard).filter((shard) => shard % groups === group),
  );
