import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { type Bundle, bundleApi, environmentCredentials } from "../stacks/bundle.ts";

/** What the same sources would be if zod were imported by name, which takes all of it along. */
const zodByName: Plugin = {
  name: "zod-by-name",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace('import * as z from "zod"', 'import { z } from "zod"');
      return { contents, loader: "ts" };
    });
  },
};

const defaults: BuildOptions = { mainFields: ["main", "module"], plugins: [] };

/** From what esbuild does if it is not told otherwise, by one choice after the other, and beyond. */
const variants: Readonly<Record<string, BuildOptions>> = {
  "esbuild's defaults, zod by name": { ...defaults, plugins: [zodByName] },
  "zod as a namespace": defaults,
  "ES modules first": { plugins: [] },
  "credentials cut": { plugins: [environmentCredentials] },
  "no check of the models, and of packages what is needed: what is deployed": {},
};

/** Bundles the API as it would be otherwise; all of them minified. */
export const apiVariants = async (
  outDir: string,
): Promise<readonly (Omit<Bundle, "name"> & { readonly choice: string })[]> =>
  Promise.all(
    Object.entries(variants).map(async ([choice, overrides], index) => {
      const folder = join(outDir, `api-${index}`);
      return { choice, ...(await bundleApi(folder, overrides)) };
    }),
  );
