import { Duration } from "aws-cdk-lib";

/** The period of every metric, unless an alarm has another. */
export const metricPeriod = Duration.minutes(5);
