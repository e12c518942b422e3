import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Every way in which compiled code or a declaration names another module. */
const named = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** Where a declaration names a source, its declaration is meant. */
const fileOf = (from: string, name: string): string => {
  const file = join(dirname(from), name);
  return from.endsWith(".d.ts") ? file.replace(/(\.d)?\.ts$/, ".d.ts") : file;
};

/** Returns the files that are read when these are: modules of code, or declarations. */
export const reachedFrom = (entries: readonly string[]): ReadonlySet<string> => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    if (!/\.(js|ts)$/.test(file)) return;
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(named))
      visit(fileOf(file, name));
  };
  for (const entry of entries) visit(entry);
  return reached;
};
