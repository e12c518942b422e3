/**
 * Makes the bundles that Lambda runs: `npm run bundle`. The stacks deploy these files as they are,
 * and the tests run the same bytes.
 */

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from "esbuild";
import { print } from "../adapters/terminal.ts";
import { type BundleName, bundleNames } from "./bundle-names.ts";
import { codeFolder } from "./code-folder.ts";
import { neededParts } from "./needed-parts.ts";

const root = join(import.meta.dirname, "..");

export type Bundle = {
  readonly name: BundleName;
  /** Exports `handler`. What else is deployed is in its folder. */
  readonly file: string;
  /** How much is read at the start. */
  readonly bytes: number;
  /** How much besides is read when it is first needed. */
  readonly laterBytes: number;
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

const bundleOptions = {
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
  plugins: [environmentCredentials, noModelCheck, ...neededParts] as Plugin[],
  // By this undici leaves out a second, experimental parser of HTTP.
  define: { esbuildDetection: "true" },
  // Modules that are imported only when they are needed get files of their own.
  ...{ splitting: true, chunkNames: "[name]-[hash]" },
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Whether a bundle calls `require` for something that is not in it. */
const callsRequire = (metafile: Metafile): boolean =>
  Object.values(metafile.outputs).some(({ imports }) =>
    imports.some(({ kind, external }) => kind === "require-call" && external),
  );

const entryFile = "dist/index.mjs";

/** The files of a bundle that are read at its start: its entry, and what that imports at once. */
const filesAtStart = ({ outputs }: Metafile): ReadonlySet<string> => {
  const files = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external } of outputs[file]?.imports ?? [])
      if (!external && kind === "import-statement") visit(path);
  };
  visit(entryFile);
  return files;
};

/** Returns the sources that some of what a bundle reads at its start comes from. */
export const sourcesAtStart = ({ metafile }: Pick<Bundle, "metafile">): readonly string[] =>
  [...filesAtStart(metafile)].flatMap((file) =>
    Object.entries(metafile.outputs[file]?.inputs ?? {}).flatMap(([source, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [source] : [],
    ),
  );

const sizesOf = (metafile: Metafile): Pick<Bundle, "bytes" | "laterBytes"> => {
  const atStart = filesAtStart(metafile);
  const modules = Object.entries(metafile.outputs).filter(([file]) => file.endsWith(".mjs"));
  const sum = (isCounted: (file: string) => boolean): number =>
    modules.reduce((total, [file, { bytes }]) => total + (isCounted(file) ? bytes : 0), 0);
  return { bytes: sum((file) => atStart.has(file)), laterBytes: sum((file) => !atStart.has(file)) };
};

/** Where esbuild thinks that it writes: it names files by what is in them and where they are. */
const nominal = join(root, "dist");

const write = async (files: readonly OutputFile[], folder: string): Promise<void> => {
  // Files of another version would stay beside the new ones.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of files)
    await writeFile(join(folder, relative(nominal, path)), contents);
};

/** Bundles the handler in `entry` into `folder`, under the name by which Lambda finds it. */
const bundleOne = async (
  entry: string,
  folder: string,
  overrides: BuildOptions = {},
): Promise<Omit<Bundle, "name">> => {
  const named = { entryPoints: { index: entry }, outdir: nominal, outExtension: { ".js": ".mjs" } };
  const options = { ...bundleOptions, ...named, ...overrides, write: false } as const;
  const plain = await build({ ...options, metafile: true });
  const { metafile, outputFiles } = callsRequire(plain.metafile)
    ? await build({ ...options, metafile: true, banner: { js: requireForCommonJs } })
    : plain;
  await write(outputFiles, folder);
  return { file: join(folder, "index.mjs"), ...sizesOf(metafile), metafile };
};

/** Bundles the API: without the dashboard, which has its own file beside what it shows. */
export const bundleApi = async (
  folder: string,
  overrides: BuildOptions = {},
): Promise<Omit<Bundle, "name">> => {
  const entry = join(root, "handlers/lambda/api.ts");
  const made = await bundleOne(entry, folder, overrides);
  await cp(join(root, "dashboard/assets"), join(folder, "assets"), { recursive: true });
  return made;
};

const bundleNamed = (name: BundleName, folder: string): Promise<Omit<Bundle, "name">> =>
  name === "api"
    ? bundleApi(folder)
    : bundleOne(join(root, "handlers/lambda", `${name}.ts`), folder);

/** Makes `<outDir>/<function>/` of each function. The same sources give the same bytes. */
export const bundle = (outDir: string): Promise<readonly Bundle[]> =>
  Promise.all(
    bundleNames.map(async (name) => ({ name, ...(await bundleNamed(name, join(outDir, name))) })),
  );

if (import.meta.main)
  for (const { file, bytes, laterBytes } of await bundle(codeFolder)) {
    const size = bytes.toLocaleString("en-US").padStart(9);
    const later = laterBytes === 0 ? "" : `, and ${laterBytes.toLocaleString("en-US")} when needed`;
    print(`${relative(root, file).padEnd(28)} ${size} bytes${later}\n`);
  }
