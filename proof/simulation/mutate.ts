import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mutant } from "./mutants.ts";

const root = join(import.meta.dirname, "../..");

/** Puts a mutant in the place of its file, for all that this process loads from now on. */
export const loadMutant = ({ file, find, replace }: Mutant): void => {
  const mutated = pathToFileURL(join(root, file)).href;
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      if (url !== mutated) return loaded;
      const source = String(loaded.source);
      if (source.split(find).length !== 2)
        throw new Error(`What is to be patched is not in ${file} exactly once`);
      return { ...loaded, source: source.replace(find, () => replace) };
    },
  });
};
