import {
  type EnvironmentOf,
  type FunctionName,
  type NeededBy,
  settingsReadBy,
} from "../adapters/read-settings.ts";

type Optional<Environment> = {
  readonly [Name in keyof Environment as undefined extends Environment[Name]
    ? Name
    : never]?: Environment[Name];
};

/**
 * Settings that a stage may change, by variable. Not those that other members decide: alarms and
 * dashboard use the namespace of the stage, its table has the index of all messages or has it not, and
 * `tracing` also grants.
 */
export type Tunables = Omit<
  Optional<EnvironmentOf<"api"> & EnvironmentOf<"worker"> & EnvironmentOf<"dispatcher">>,
  | "POSTRIDER_METRICS_NAMESPACE"
  | "POSTRIDER_LIST_ALL"
  | "OTEL_EXPORTER_OTLP_ENDPOINT"
  | "OTEL_TRACES_SAMPLER_ARG"
  | "POSTRIDER_TRACING_HEADERS_SECRET"
>;

/** The settings of a function that only the stack knows, by name. A missing one does not compile. */
export type Known<Name extends FunctionName | "senders"> = {
  readonly [N in NeededBy<Name> | "metricsNamespace"]: string;
} & {
  readonly [N in "listAll" | "tracingEndpoint" | "tracingHeadersSecret" | "tracingSampleRatio"]?:
    | string
    | undefined;
};

/** Returns the environment of a function. Settings at their default are left out. */
export const environmentOf = <Name extends FunctionName | "senders">(
  name: Name,
  known: Known<Name>,
  tuned: Tunables,
): Record<string, string> => {
  const texts: Readonly<Record<string, string | undefined>> = { ...tuned };
  const stack: Readonly<Record<string, string | undefined>> = { ...known };
  return Object.fromEntries(
    settingsReadBy(name).flatMap(([setting, { variable }]) => {
      const text = stack[setting] ?? texts[variable];
      return text === undefined ? [] : [[variable, text]];
    }),
  );
};
