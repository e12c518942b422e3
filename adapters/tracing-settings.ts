import * as z from "zod";
import { collectorEndpoint, keyValues, optionalText, ratio } from "./setting-schemas.ts";
import type { Setting } from "./settings.ts";

/**
 * The settings of tracing, by the names that OpenTelemetry gives them where it has one. Without an
 * endpoint none of the others has an effect.
 */
export const tracingSettings = {
  tracingEndpoint: {
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    schema: collectorEndpoint,
    readBy: ["api", "worker", "local"],
    fallback: "none",
    about:
      "Where spans are sent as OTLP/HTTP JSON, without `/v1/traces`; `none`: there are no spans. In the local edition the exporter also reads `OTEL_EXPORTER_OTLP_HEADERS` and its other variables. On AWS: `tracing` of the stage.",
  },
  tracingHeadersSecret: {
    variable: "POSTRIDER_TRACING_HEADERS_SECRET",
    schema: optionalText,
    readBy: ["api", "worker"],
    fallback: "none",
    about:
      "The ARN of the secret in Secrets Manager with the headers of each export, as `OTEL_EXPORTER_OTLP_HEADERS` has them: `name=value`, comma-separated, or `none`.",
  },
  tracingSampleRatio: {
    variable: "OTEL_TRACES_SAMPLER_ARG",
    schema: ratio,
    readBy: ["api", "worker", "local"],
    fallback: "1",
    about:
      "The part of the traces that begin in Postrider which are recorded, from 0 to 1. Of a trace that comes with a request its own flag decides.",
  },
  tracingServiceName: {
    variable: "OTEL_SERVICE_NAME",
    schema: z.string().min(1).max(255),
    readBy: ["api", "worker", "local"],
    fallback: "postrider",
    about: "The `service.name` of the spans.",
  },
  tracingResource: {
    variable: "OTEL_RESOURCE_ATTRIBUTES",
    schema: keyValues,
    readBy: ["api", "worker", "local"],
    fallback: "none",
    about:
      "More that describes the spans' service, such as `deployment.environment.name=prod`: `name=value`, comma-separated, or `none`.",
  },
} as const satisfies Readonly<Record<string, Setting>>;
