import { systemClock } from "../../adapters/clock.ts";
import { print } from "../../adapters/terminal.ts";

/** Writes a line of the log. */
export const writeLine = (service: string, message: string, fields: object): void => {
  const timestamp = new Date(systemClock()).toISOString();
  print(`${JSON.stringify({ level: "INFO", message, timestamp, service, ...fields })}\n`);
};

/** Writes metrics in CloudWatch's embedded format: counts, and durations by their names. */
export const writeMetrics = (
  service: string,
  values: Readonly<Record<string, number | readonly number[]>>,
): void => {
  const Metrics = Object.keys(values).map((Name) => ({
    Name,
    Unit: Name.endsWith("Duration") ? "Milliseconds" : "Count",
  }));
  const CloudWatchMetrics = [{ Namespace: "ByHand", Dimensions: [["service"]], Metrics }];
  const head = { _aws: { Timestamp: systemClock(), CloudWatchMetrics }, service };
  print(`${JSON.stringify({ ...head, ...values })}\n`);
};
