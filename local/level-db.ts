import { createRequire } from "node:module";
import type { Iterating } from "./close-iterators.ts";

export type Operation =
  | {
      readonly type: "put";
      readonly key: string;
      readonly value: unknown;
      /** How the value is stored; JSON unless it says otherwise. */
      readonly valueEncoding?: "utf8";
    }
  | { readonly type: "del"; readonly key: string };

type Reading = { next: () => Promise<unknown> } & AsyncIterable<unknown>;

/** As much of a LevelDB as is needed here. */
export type LevelDb = {
  readonly status: string;
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly get: (key: string) => Promise<unknown>;
  readonly getSync: (key: string) => unknown;
  readonly batch: (operations: readonly Operation[]) => Promise<void>;
  readonly clear: (range: { readonly gte: string; readonly lt: string }) => Promise<void>;
  keys: (options?: object) => ReturnType<Iterating["keys"]> & Reading;
  values: (options?: object) => ReturnType<Iterating["values"]> & Reading;
};

type LevelClass = { new (path: string): LevelDb; readonly prototype: LevelDb };

/** dynalite's own LevelDB: another copy might hold another lock. */
export const levelClass = (): LevelClass => {
  const ours = createRequire(import.meta.url);
  return (createRequire(ours.resolve("dynalite"))("level") as { Level: LevelClass }).Level;
};
