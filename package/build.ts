/**
 * Makes what the package ships: `npm run build`. Compiles, makes one file of `postrider/testing`, and
 * removes what nothing in the package reaches.
 */
import { execFileSync } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundleTesting } from "./bundle-testing.ts";
import { doors, packageDir, root } from "./doors.ts";
import { reachedFrom } from "./reached.ts";

/** The command, which `cli/bin.js` starts. */
const command = join(packageDir, "cli/main.js");

const removeUnreached = (): void => {
  const entries = doors().flatMap(({ types, code }) => [types, code]);
  const reached = reachedFrom([...entries, command]);
  const made = globSync("**/*.{js,ts,json}", { cwd: packageDir }).map((file) =>
    join(packageDir, file),
  );
  for (const file of made) if (!reached.has(file)) rmSync(file);
};

rmSync(packageDir, { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
await bundleTesting();
removeUnreached();
