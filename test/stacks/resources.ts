import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Stage, stages } from "../../stacks/config.ts";

// biome-ignore lint/suspicious/noExplicitAny: templates are judged by the tests themselves.
export type Json = any;
export type Resource = {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
};
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export const stageOf = (name: string): Stage => {
  const stage = stages.find((each) => each.name === name);
  if (!stage) throw new Error(`There is no stage ${name}`);
  return stage;
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

/** The second stage of the example with a customer's key, and an address for alarms. */
export const keyedStage: Stage = {
  ...stageOf("prod"),
  name: "keyed",
  encryption: "customer-key",
  alarms: { ...stageOf("prod").alarms, email: "night@example.com" },
};

/**
 * The template of a stage, as `template.test.ts` has looked at it: making it anew takes seconds, and
 * that test fails if it has changed.
 */
export const templateOf = (name: "dev" | "prod" | "keyed"): Template => {
  const file = join(import.meta.dirname, "__snapshots__/template.test.ts.snap");
  const title = `The template of ${name} is the one that was looked at 1`;
  const [, after] = readFileSync(file, "utf8").split(`exports[\`${title}\`] = \`\n"`);
  const [text] = after?.split('"\n`;\n') ?? [];
  if (text === undefined) throw new Error(`There is no template of ${name}`);
  // In a template literal some characters have a backslash.
  return JSON.parse(text.replace(/\\([\\`$])/g, "$1")) as Template;
};
