/**
 * Installs the runtime client of AWS Lambda, outside of the project, for those who want the bundles
 * run by it: `npm run bench:ric`, or with a folder. It is compiled, which takes cmake, a C++ compiler
 * and a minute.
 */

import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print } from "../adapters/terminal.ts";

const version = "4.0.2";
const folder = process.argv[2] ?? join(tmpdir(), `postrider-aws-lambda-ric-${version}`);

execFileSync("npm", ["install", "--prefix", folder, `aws-lambda-ric@${version}`], {
  stdio: ["ignore", "inherit", "inherit"],
});
print(`Run the tests or the benchmark with POSTRIDER_RIC=${folder}\n`);
