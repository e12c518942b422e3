import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStage } from "../../stacks/read-stages.ts";
import type { Stage, StageInput } from "../../stacks/stage.ts";

// biome-ignore lint/suspicious/noExplicitAny: templates are judged by the tests themselves.
export type Json = any;
export type Resource = {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
};
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

type Given = Omit<StageInput, "name">;
const exampleOf = (name: string): Given => {
  const file = join(import.meta.dirname, `../../stages/${name}.example.json`);
  return JSON.parse(readFileSync(file, "utf8"));
};

/** The stage of a name, from what its file has. */
export const aStage = (name: string, given: Given): Stage => {
  const { stages, faults } = parseStage(name, given);
  const [stage] = stages;
  if (!stage) throw new Error(faults.join("\n"));
  return stage;
};

/** The stages of the examples. */
export const dev = aStage("dev", exampleOf("dev"));
export const prod = aStage("prod", exampleOf("prod"));

/** A stage with everything that neither example has. */
export const keyed = aStage("keyed", {
  ...exampleOf("prod"),
  billing: {
    ...{ mode: "provisioned" },
    ...{ readUnits: { min: 5, max: 50 }, writeUnits: { min: 10, max: 100 } },
  },
  encryption: "customer-key",
  endpoint: {
    ...{ kind: "http-api", requestsPerSecond: 10, burst: 20 },
    domain: {
      name: "messages.example.com",
      certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1234",
    },
  },
  dispatcher: { memoryMb: 512, groups: 5, reserveConcurrency: true },
  alarms: { email: "night@example.com" },
  settings: { POSTRIDER_SHARDS: "32", POSTRIDER_TIMEOUT_MS: "20000" },
});

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

/**
 * The template of a stage as the snapshot of `template.test.ts` has it, which fails if the template
 * has changed. To synthesize it again takes seconds.
 */
export const templateOf = (name: "dev" | "prod" | "keyed"): Template => {
  const file = join(import.meta.dirname, "__snapshots__/template.test.ts.snap");
  const title = `The template ${name} has not changed 1`;
  const [, after] = readFileSync(file, "utf8").split(`exports[\`${title}\`] = \`\n"`);
  const [text] = after?.split('"\n`;\n') ?? [];
  if (text === undefined) throw new Error(`There is no template of ${name}`);
  // In a template literal some characters have a backslash.
  return JSON.parse(text.replace(/\\([\\`$])/g, "$1")) as Template;
};
