import { openTracing, type TracingSettings } from "../../adapters/open-tracing.ts";
import type { OtlpOutside } from "../../adapters/otlp-tracing.ts";
import type { SettingsOf } from "../../adapters/read-settings.ts";
import { secretsManager, textOf } from "../../adapters/secrets.ts";
import type { Tracing } from "../../adapters/tracing.ts";

/** Opens the tracing of a function: its headers, if it has any, are in a secret. */
export const tracingOf = (
  settings: TracingSettings & Pick<SettingsOf<"api">, "tracingHeadersSecret">,
  outside: OtlpOutside,
): Promise<Tracing> => {
  const { tracingHeadersSecret: secretId } = settings;
  return openTracing(settings, outside, async () =>
    secretId === undefined ? undefined : textOf(secretsManager(), secretId),
  );
};
