/**
 * Makes the bundles that Lambda runs: `npm run bundle`. The stacks deploy these files as they are,
 * and the tests run the same bytes.
 */

import { join, relative } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { print } from "../adapters/terminal.ts";

const root = join(import.meta.dirname, "..");

/** The functions, by the names of their folders. */
export const bundleNames = ["api", "worker", "dispatcher", "dead-letter"] as const;
export type BundleName = (typeof bundleNames)[number];

export type Bundle = {
  readonly name: BundleName;
  /** What is deployed, and exports `handler`. */
  readonly file: string;
  readonly bytes: number;
  /** What esbuild says about where the bytes come from. */
  readonly metafile: Metafile;
};

/** CommonJS packages ask Node for its modules with `require`, which ES modules do not have. */
const requireForCommonJs =
  'import { createRequire } from "node:module";const require = createRequire(import.meta.url);';

/**
 * The SDK also looks for credentials in files, in SSO caches and on the network. Lambda puts those of
 * the function's role into the environment. The code for all others would be a seventh of a bundle.
 */
export const environmentCredentials: Plugin = {
  name: "environment-credentials",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: "environment-credentials",
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: "environment-credentials" }, ({ pluginData }) => ({
      contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
      resolveDir: pluginData,
    }));
  },
};

/**
 * ElectroDB checks the description of each entity with jsonschema when it is made. They are
 * constants, and every test that makes one checks them: a start on Lambda need not do it again.
 */
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

export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // ES modules first: nothing can be tree-shaken from CommonJS.
  mainFields: ["module", "main"],
  minify: true,
  // Next to the bundle, which does not name it: for reading a stack trace. It is not deployed.
  sourcemap: "external",
  // Third-party notices go into a file of their own, which is deployed and never parsed.
  legalComments: "external",
  plugins: [environmentCredentials, noModelCheck] as Plugin[],
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Whether a bundle calls `require` for something that is not in it. */
const callsRequire = (metafile: Metafile): boolean =>
  Object.values(metafile.outputs).some(({ imports }) =>
    imports.some(({ kind, external }) => kind === "require-call" && external),
  );

/** Bundles the handler in `entry` into `folder`, under the name by which Lambda finds it. */
export const bundleOne = async (
  entry: string,
  folder: string,
  overrides: BuildOptions = {},
): Promise<Omit<Bundle, "name">> => {
  const file = join(folder, "index.mjs");
  const options = { ...bundleOptions, entryPoints: [entry], outfile: file, ...overrides };
  const plain = await build({ ...options, metafile: true });
  const built = callsRequire(plain.metafile)
    ? await build({ ...options, metafile: true, banner: { js: requireForCommonJs } })
    : plain;
  const bytes = built.metafile.outputs[relative(root, file)]?.bytes ?? 0;
  return { file, bytes, metafile: built.metafile };
};

/** Makes `<outDir>/<function>/index.mjs` of each function. The same sources give the same bytes. */
export const bundle = (outDir: string): Promise<readonly Bundle[]> =>
  Promise.all(
    bundleNames.map(async (name) => ({
      name,
      ...(await bundleOne(join(root, "handlers/lambda", `${name}.ts`), join(outDir, name))),
    })),
  );

if (import.meta.main)
  for (const { file, bytes } of await bundle(join(root, "dist"))) {
    const size = bytes.toLocaleString("en-US");
    print(`${relative(root, file).padEnd(28)} ${size.padStart(9)} bytes\n`);
  }
