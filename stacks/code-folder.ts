import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundleNames } from "./bundle-names.ts";

/** In the package, this file is compiled into `dist/package/stacks/`. */
const beside = import.meta.filename.endsWith(".ts") ? "../dist/functions" : "../../functions";

/** Where `npm run bundle` puts the code of the functions, and the package has it. */
export const codeFolder = join(import.meta.dirname, beside);

/** Returns the functions whose code is not in a folder. */
export const missingCode = (folder: string): readonly string[] =>
  bundleNames.filter((name) => !existsSync(join(folder, name, "index.mjs")));
