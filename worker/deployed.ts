import * as z from "zod";
import { ConfigurationError, type Environment } from "../adapters/environment.ts";
import { inWords } from "../adapters/in-words.ts";

/** Where a worker is, as `addWorker` of the construct tells its function. */
export type Deployed = {
  readonly table: string;
  readonly queueUrl: string;
  readonly metricsNamespace: string;
  readonly settings: Readonly<Record<string, string>>;
};

const settings = z.string().transform((text, context): Record<string, string> => {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    context.addIssue({ code: "custom", message: "must be a JSON object of texts" });
    return z.NEVER;
  }
});

const schema = z.object({
  POSTRIDER_TABLE: z.string().min(3),
  POSTRIDER_QUEUE_URL: z.url(),
  POSTRIDER_METRICS_NAMESPACE: z.string().min(1),
  POSTRIDER_SETTINGS: settings,
});

/** Reads the environment that `addWorker` makes. Throws an error that names every fault. */
export const readDeployed = (environment: Environment): Deployed => {
  const { data, error } = schema.safeParse(environment, { error: inWords });
  if (!data)
    throw new ConfigurationError(
      error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
      [],
    );
  return {
    ...{ table: data.POSTRIDER_TABLE, queueUrl: data.POSTRIDER_QUEUE_URL },
    ...{ metricsNamespace: data.POSTRIDER_METRICS_NAMESPACE, settings: data.POSTRIDER_SETTINGS },
  };
};
