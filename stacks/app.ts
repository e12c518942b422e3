/** What `cdk` runs: one stack for each stage in `stages/`, with the code that `npm run bundle` made. */

import { join, resolve } from "node:path";
import { App } from "aws-cdk-lib";
import { endOnUncaught, printError } from "../adapters/terminal.ts";
import { codeFolder, missingCode } from "./code-folder.ts";
import { PostriderStack } from "./postrider-stack.ts";
import { readStages } from "./read-stages.ts";

endOnUncaught(1);

const stop = (text: string): never => {
  printError(`${text}\n`);
  process.exit(1);
};

const root = join(import.meta.dirname, "..");
const app = new App();
const context = (name: string): string | undefined => app.node.tryGetContext(name);

const folder = resolve(root, context("stages") ?? "stages");
const { stages, faults } = readStages(folder, {
  account: context("account"),
  region: context("region"),
});
if (faults.length > 0) stop(`The stages in ${folder} have faults:\n${faults.join("\n")}`);
if (stages.length === 0)
  stop(`There is no stage in ${folder}. Copy stages/dev.example.json to dev.json there.`);

// CDK also synthesizes a stack to list or to destroy it, from the files that would be deployed.
if (missingCode(codeFolder).length > 0)
  stop("The bundles are missing: run `npm run bundle` first.");

for (const stage of stages) new PostriderStack(app, `postrider-${stage.name}`, { stage });
