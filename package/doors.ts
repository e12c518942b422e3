import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");
/** What `npm pack` takes besides the manifest and some texts. */
export const packageDir = join(root, "dist/package");

type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
};

export const manifest = (): Manifest =>
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

/** An export of the package: its name as one imports it, and its two files. */
export type Door = { readonly name: string; readonly types: string; readonly code: string };

/** Returns what the manifest exports, in its order. */
export const doors = (): readonly Door[] =>
  Object.entries(manifest().exports).map(([path, { types, default: code }]) => ({
    name: path.replace(/^\./, "postrider"),
    types: join(root, types),
    code: join(root, code),
  }));
