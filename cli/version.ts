import { readFileSync } from "node:fs";

/** Returns the folder of the package: that of the checkout, or two above the compiled files. */
const manifest = (): string => {
  for (const path of ["../package.json", "../../../package.json"])
    try {
      return readFileSync(new URL(path, import.meta.url), "utf8");
    } catch {}
  return "{}";
};

/** The version of this Postrider. */
export const version: string = JSON.parse(manifest()).version ?? "unknown";
