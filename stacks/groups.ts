import type { Stage } from "./config.ts";

/** How many shards there are where a stage does not say: as the settings have it, a test sees to it. */
const usualShards = 8;

/** How many partitions each index of a stage is spread over. */
export const shardsOf = ({ settings }: Pick<Stage, "settings">): number =>
  Number(settings.POSTRIDER_SHARDS ?? usualShards);

/** The shards that each group of the dispatcher looks after: every shard is in exactly one of them. */
export const groupsOf = (
  stage: Pick<Stage, "settings" | "dispatcher">,
): readonly (readonly number[])[] => {
  const { groups } = stage.dispatcher;
  const shards = Array.from({ length: shardsOf(stage) }, (_, shard) => shard);
  return Array.from({ length: groups }, (_, group) =>
    shards.filter((shard) => shard % groups === group),
  );
};
