import type { Config } from "./config.ts";
import type { Actor, State } from "./state.ts";
import type { Effects, World } from "./world.ts";

/** A worker's or the dispatcher's piece of work, and the world in which it goes on. */
export type Piece = {
  readonly config: Config;
  readonly effects: Effects;
  readonly state: State;
  readonly index: number;
  readonly actor: Actor;
  readonly who: string;
};

/** The record has done its work and goes for good. */
export const finishing =
  ({ effects: { record, become }, index, actor }: Piece) =>
  (world: World): void => {
    record(world, "deleted", actor.record);
    become(world, index, {});
  };
