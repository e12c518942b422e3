import { Token } from "aws-cdk-lib";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { fallbackOf, settingsReadBy } from "../adapters/read-settings.ts";
import type { Setting } from "../adapters/settings.ts";
import type { Tunables } from "./environment.ts";

/**
 * Alarms and dashboard rely on the stage's own namespace, the table on its own `listAll`, and roles on
 * its own `tracing`.
 */
const ownOfStage: readonly string[] = [
  ...["metricsNamespace", "listAll"],
  ...["tracingEndpoint", "tracingHeadersSecret", "tracingSampleRatio"],
];

/** The settings that a stage may change. */
const tunable = (["api", "worker", "dispatcher"] as const)
  .flatMap((name) => settingsReadBy(name))
  .filter(([name, { fallback }]) => fallback !== undefined && !ownOfStage.includes(name));

/** Parses settings by variable, each as its function will. The result has the texts as they are. */
export const functionSettings = z.strictObject(
  Object.fromEntries(
    tunable.map(([, { variable, schema }]) => [
      variable,
      z
        .string()
        .check(({ value, issues }) => {
          // Known only when it is deployed, such as the range of a VPC.
          if (Token.isUnresolved(value)) return;
          const { error } = schema.safeParse(value, { error: inWords });
          for (const { message } of error?.issues ?? [])
            issues.push({ code: "custom", message, input: value });
        })
        .optional(),
    ]),
  ),
) as z.ZodType<Tunables, Tunables>;

const settingOf = (reader: "dispatcher" | "worker", name: string): Setting => {
  const [, setting] = settingsReadBy(reader).find(([each]) => each === name) ?? [];
  if (!setting) throw new Error(`The ${reader} reads no setting ${name}`);
  return setting;
};
const shards = settingOf("dispatcher", "shards");
const timeout = settingOf("worker", "timeoutMs");

/** Returns over how many partitions each index is spread. */
export const shardsOf = ({ POSTRIDER_SHARDS }: Tunables): number =>
  Number(POSTRIDER_SHARDS ?? fallbackOf(shards, "dispatcher"));

/** Returns how long an exchange may take, in milliseconds, if neither message nor sender says it. */
export const timeoutMsOf = ({ POSTRIDER_TIMEOUT_MS }: Tunables): number =>
  Number(POSTRIDER_TIMEOUT_MS ?? fallbackOf(timeout, "worker"));
