import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { type Stage, stages } from "../../stacks/config.ts";
import { PostriderStack } from "../../stacks/postrider-stack.ts";

// biome-ignore lint/suspicious/noExplicitAny: templates are judged by the tests themselves.
export type Json = any;
export type Resource = {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
};
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

/** What cdk.json says, which only the command reads by itself. */
const { context } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../cdk.json"), "utf8"),
) as { context: Record<string, unknown> };

export const stageOf = (name: string): Stage => {
  const stage = stages.find((each) => each.name === name);
  if (!stage) throw new Error(`There is no stage ${name}`);
  return stage;
};

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

/** The resources of a type, by their ids without the hash that CDK puts behind them. */
export const resourcesOf = ({ Resources }: Template, type: string) =>
  Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, resource]) => [plainId(id), resource]),
  );

const plainId = (id: string): string => id.replace(/[0-9A-F]{8}$/, "");

/** A value of a template, with references to resources as text: `Table.Arn/index/due`. */
export const plain = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": joined } = value;
  if (Ref !== undefined) return plainId(Ref);
  if (attribute !== undefined) return `${plainId(attribute[0])}.${attribute[1]}`;
  if (joined !== undefined) return plain(joined[1]).join(joined[0]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
};

/** The one resource of a type, or the one of this id. */
export const one = (template: Template, type: string, id?: string): Resource => {
  const found = Object.entries(resourcesOf(template, type));
  const [, resource] = found.find(([name]) => id === undefined || name === id) ?? [];
  if (!resource) throw new Error(`There is no ${type} ${id ?? ""}`);
  return { ...resource, Properties: plain(resource.Properties) };
};
export const propertiesOf = (template: Template, type: string, id?: string): Json =>
  one(template, type, id).Properties;
