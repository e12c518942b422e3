import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { PostriderStack } from "../../stacks/postrider-stack.ts";
import type { Stage } from "../../stacks/stage.ts";
import type { Template } from "./resources.ts";

/** What cdk.json says, which only the command reads by itself. */
export const { context } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../cdk.json"), "utf8"),
) as { context: Record<string, unknown> };

const temporary: string[] = [];
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-stacks-"));
  temporary.push(folder);
  return folder;
};
export const removeTemporary = (): void => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
};

/** Folders as the bundle leaves them, with next to nothing in them. */
export const codeFolder = (): string => {
  const folder = temporaryFolder();
  for (const name of ["api", "worker", "dispatcher", "dead-letter", "senders"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), `export const handler = "${name}";\n`);
    writeFileSync(join(folder, name, "index.mjs.map"), "{}");
  }
  return folder;
};

/** An app with a stack for each stage, as `stacks/app.ts` makes it. */
export const appOf = (stages: readonly Stage[], code = codeFolder()) => {
  const app = new App({ context, outdir: temporaryFolder() });
  const stacks = stages.map(
    (stage) => new PostriderStack(app, `postrider-${stage.name}`, { stage, codeFolder: code }),
  );
  return { app, stacks, code };
};

/** An app and the templates of its stages as they would be deployed. CDK validates all of them. */
export const synthesize = (stages: readonly Stage[], code?: string) => {
  const made = appOf(stages, code);
  const assembly = made.app.synth();
  const texts = made.stacks.map(({ artifactId }) =>
    readFileSync(assembly.getStackArtifact(artifactId).templateFullPath, "utf8"),
  );
  const templates = texts.map((text) => JSON.parse(text) as Template);
  return { ...made, texts, templates, folder: assembly.directory };
};
