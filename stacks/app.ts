/** What `cdk` runs: one stack for each stage, from what `npm run bundle` has made. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { printError } from "../adapters/terminal.ts";
import { bundleNames } from "./bundle.ts";
import { stages } from "./config.ts";
import { faultsInWords, faultsOfAll } from "./faults.ts";
import { PostriderStack } from "./postrider-stack.ts";

const app = new App();
const given = (name: string): string | undefined => app.node.tryGetContext(name);

const placed = stages.map((stage) => ({
  ...stage,
  account: given("account") ?? stage.account,
  region: given("region") ?? stage.region,
}));
const faults = faultsOfAll(placed);
if (faults.length > 0) {
  printError(`${faultsInWords(faults)}\n`);
  process.exit(1);
}

// Also to list or destroy a stack, CDK makes it first, from the files that would be deployed.
const codeFolder = join(import.meta.dirname, "..", "dist");
if (!bundleNames.every((name) => existsSync(join(codeFolder, name, "index.mjs")))) {
  printError("The bundles are missing: run `npm run bundle` first.\n");
  process.exit(1);
}
for (const stage of placed) new PostriderStack(app, stage, codeFolder);
