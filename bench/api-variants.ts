import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { type Bundle, bundleOne, bundleOptions } from "../stacks/bundle.ts";

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

/** ElectroDB without the validator with which it checks the models, again at every start. */
const noModelCheck: Plugin = {
  name: "no-model-check",
  setup: ({ onResolve, onLoad }) => {
    const namespace = "no-model-check";
    onResolve({ filter: /^jsonschema$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: `
        class Validator { addSchema() {} validate() { return { errors: [] }; } }
        Validator.prototype.customFormats = {};
        exports.Validator = Validator;`,
    }));
  },
};

const defaults: BuildOptions = { mainFields: ["main", "module"], plugins: [] };
const { plugins } = bundleOptions;

/** From what esbuild does if it is not told otherwise, by one choice after the other, and beyond. */
const variants: Readonly<Record<string, BuildOptions>> = {
  "esbuild's defaults, zod by name": { ...defaults, plugins: [zodByName] },
  "zod as a namespace": defaults,
  "ES modules first": { plugins: [] },
  "credentials cut: what is deployed": {},
  "no check of the models, besides": { plugins: [...plugins, noModelCheck] },
};

/** Bundles the API as it would be otherwise; all of them minified. */
export const apiVariants = async (
  outDir: string,
): Promise<readonly (Omit<Bundle, "name"> & { readonly choice: string })[]> =>
  Promise.all(
    Object.entries(variants).map(async ([choice, overrides], index) => {
      const folder = join(outDir, `api-${index}`);
      return { choice, ...(await bundleOne("handlers/lambda/api.ts", folder, overrides)) };
    }),
  );
