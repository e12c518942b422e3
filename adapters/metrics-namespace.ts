import { ConfigurationError, type Environment, unknownVariables } from "./environment.ts";

/** The pattern of a CloudWatch namespace, and the default. */
export const metricsNamespace = {
  variable: "POSTRIDER_METRICS_NAMESPACE",
  fallback: "Postrider",
  pattern: /^(?!:)(?! *$)[\w.\-/#: ]{1,255}$/,
  fault:
    "must be up to 255 of A-Z, a-z, 0-9, space and .-_/#:, not begin with a colon and not be blank",
} as const;

/**
 * Reads the namespace from an environment as the settings do, but without zod. Throws a
 * ConfigurationError if CloudWatch would refuse it.
 */
export const metricsNamespaceIn = (given: Environment): string => {
  const { variable, fallback, pattern, fault } = metricsNamespace;
  const text = given[variable] || fallback;
  if (pattern.test(text)) return text;
  throw new ConfigurationError([`${variable}: ${fault}`], unknownVariables([variable], given));
};
