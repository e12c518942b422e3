import { environment } from "./environment.ts";
import type { OtlpOutside, OtlpSettings } from "./otlp-tracing.ts";
import type { SettingsOf } from "./read-settings.ts";
import { noTracing, type Tracing } from "./tracing.ts";

/** The settings of tracing, but for the headers: where those come from differs. */
export type TracingSettings = Pick<
  SettingsOf<"api">,
  "tracingEndpoint" | "tracingSampleRatio" | "tracingServiceName" | "tracingResource"
>;

/** What Lambda says of a function (OpenTelemetry, "FaaS resource attributes"). */
const functionAttributes = (): OtlpSettings["attributes"] => {
  const { AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: region } = environment();
  return name === undefined
    ? {}
    : { "faas.name": name, "cloud.provider": "aws", "cloud.region": region };
};

/**
 * Opens the tracing that the settings ask for. Without an endpoint no code of it is even read.
 * `headersOf` is asked only with one. If it fails, that is logged and nothing is traced: messages are
 * worth more.
 */
export const openTracing = async (
  settings: TracingSettings,
  outside: OtlpOutside,
  headersOf: () => Promise<string | undefined> = async () => undefined,
): Promise<Tracing> => {
  const { tracingEndpoint: endpoint, tracingSampleRatio, tracingServiceName } = settings;
  if (endpoint === undefined) return noTracing;
  try {
    const [headers, { otlpTracing }] = await Promise.all([
      headersOf(),
      import("./otlp-tracing.ts"),
    ]);
    return otlpTracing(
      {
        ...{ endpoint, headers, sampleRatio: tracingSampleRatio },
        ...{ serviceName: tracingServiceName, resource: settings.tracingResource },
        attributes: functionAttributes(),
      },
      outside,
    );
  } catch (error) {
    outside.log.failure("tracing not started", error);
    return noTracing;
  }
};
