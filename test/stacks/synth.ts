import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import type { Stage } from "../../stacks/config.ts";
import { PostriderStack } from "../../stacks/postrider-stack.ts";
import type { Template } from "./resources.ts";

/** What cdk.json says, which only the command reads by itself. */
const { context } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../cdk.json"), "utf8"),
) as { context: Record<string, unknown> };

const temporary: string[] = [];
const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-stacks-"));
  temporary.push(folder);
  return folder;
};
export const removeTemporary = (): void => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
};

/** Folders as the bundle leaves them, with next to nothing in them. */
export const codeFolder = (map = "{}"): string => {
  const folder = temporaryFolder();
  for (const name of ["api", "worker", "dispatcher", "dead-letter"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), `export const handler = "${name}";\n`);
    writeFileSync(join(folder, name, "index.mjs.map"), map);
  }
  return folder;
};

/** An app of one stage, as `stacks/app.ts` makes it. */
export const appOf = (stage: Stage, code = codeFolder()) => {
  const app = new App({ context, outdir: temporaryFolder() });
  return { app, stack: new PostriderStack(app, stage, code) };
};

/** The template of a stage as it would be deployed, and its bytes. */
export const synthesize = (stage: Stage, code?: string) => {
  const { app, stack } = appOf(stage, code);
  const { templateFullPath } = app.synth().getStackArtifact(stack.artifactId);
  const text = readFileSync(templateFullPath, "utf8");
  return { text, template: JSON.parse(text) as Template };
};
