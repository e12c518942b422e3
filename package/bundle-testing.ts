import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { manifest, packageDir, root } from "./doors.ts";

/** The pages are for persons: without them the bundle is smaller by a third. */
const withoutDashboard: Plugin = {
  name: "without-dashboard",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\]dashboard[/\\]app\.ts$/ }, () => ({
      contents: `export const dashboard = () => ({
        fetch: () => new Response("postrider/testing has no dashboard", { status: 404 }),
      });`,
    }));
  },
};

/** The package's own dependencies, and the engine, are those of whoever installs it. */
const external = (): string[] => {
  const { dependencies, peerDependencies } = manifest();
  return [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
};

const packageOf = (file: string): string | undefined =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];

/** The text of a licence, or its name where a package ships no text, as for MIT-0. */
const licenceOf = (name: string): string => {
  const folder = join(root, "node_modules", name);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim();
  const { license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly license?: string;
  };
  if (license !== "MIT-0") throw new Error(`${name} has no licence to ship with its code`);
  return license;
};

/** The licence of each package whose code is in the bundle. Throws if one has none. */
const licencesOf = (inputs: readonly string[]): string =>
  [...new Set(inputs.map(packageOf))]
    .filter((name) => name !== undefined)
    .toSorted()
    .map((name) => `${name}\n\n${licenceOf(name)}\n`)
    .join("\n---\n\n");

/**
 * Makes one file of `postrider/testing`, with the packages that only the handlers use: so that
 * nobody has to install, for tests, what Lambda has in its bundles. Replaces what the compiler made.
 */
export const bundleTesting = async (): Promise<void> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["testing/index.ts"],
    outfile: join(packageDir, "testing/index.js"),
    bundle: true,
    ...{ platform: "node", target: "node20", format: "esm", mainFields: ["module", "main"] },
    external: external(),
    legalComments: "none",
    plugins: [withoutDashboard],
    metafile: true,
    logLevel: "warning",
  });
  const licences = licencesOf(Object.keys(metafile.inputs));
  writeFileSync(join(packageDir, "testing/LICENSES.txt"), licences);
};
