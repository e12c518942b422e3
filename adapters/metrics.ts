import { systemClock } from "./clock.ts";
import { print } from "./terminal.ts";

/** The metrics: counts, and durations in milliseconds. */
export type Count =
  | "MessagesAccepted"
  | "MessagesRepeated"
  | "MessagesRefused"
  | "SystemErrors"
  | "AttemptsSucceeded"
  | "AttemptsFailed"
  | "MessagesCompleted"
  | "MessagesFailed"
  | "RecordsDropped"
  | "RecordsFailed"
  | "MessagesDispatched"
  | "LeasesReleased"
  | "MessagesQuarantined"
  | "DeadLetters"
  | "SpansDropped";
export type Duration = "SubmitDuration" | "ExchangeDuration" | "OldestDueAge";

export type Metrics = {
  readonly count: (name: Count, by?: number) => void;
  readonly milliseconds: (name: Duration, value: number) => void;
  /** Writes the metrics collected since the last call. Call it once per invocation. */
  readonly flush: () => void;
};

/** So many values of one metric CloudWatch takes from one line ("Embedded metric format specification"). */
const valuesMax = 100;

/** Creates metrics in CloudWatch's embedded metric format, on standard output. */
export const embeddedMetrics = (functionName: string, namespace: string): Metrics => {
  let counts = new Map<Count, number>();
  let durations = new Map<Duration, number[]>();
  const write = (values: Readonly<Record<string, number | readonly number[]>>): void => {
    const named = Object.keys(values).map((Name) => ({
      Name,
      Unit: counts.has(Name as Count) ? "Count" : "Milliseconds",
    }));
    const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [["service"]], Metrics: named }];
    const _aws = { Timestamp: systemClock(), CloudWatchMetrics };
    print(`${JSON.stringify({ _aws, service: `postrider-${functionName}`, ...values })}\n`);
  };
  return {
    // Added up here: CloudWatch would be paid for each of them, and add them up too.
    count: (name, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by),
    milliseconds: (name, value) => {
      const values = durations.get(name);
      if (values) values.push(value);
      else durations.set(name, [value]);
    },
    flush: () => {
      const longest = Math.max(0, ...[...durations.values()].map(({ length }) => length));
      const lines = Math.max(counts.size > 0 ? 1 : 0, Math.ceil(longest / valuesMax));
      for (let line = 0; line < lines; line += 1) {
        const part = ([name, values]: readonly [Duration, readonly number[]]) =>
          [name, values.slice(line * valuesMax, (line + 1) * valuesMax)] as const;
        const parts = [...durations].map(part).filter(([, values]) => values.length > 0);
        write(Object.fromEntries([...(line === 0 ? counts : []), ...parts]));
      }
      counts = new Map();
      durations = new Map();
    },
  };
};

export const noMetrics: Metrics = { count: () => {}, milliseconds: () => {}, flush: () => {} };
