import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Log } from "../adapters/log.ts";

export type WorkerOptions = {
  /** The deployment's queue. Without it the dispatcher sends the record of a retry: up to two minutes later. */
  readonly queue?: { readonly client: SQSClient; readonly url: string } | undefined;
  /** The deployment's master keys, as its secret has them. Secret headers are read with them. */
  readonly masterKeys?: string | undefined;
  /**
   * The deployment's settings that are not at their default, by variable, as `settings` of its stage
   * has them. Without `POSTRIDER_SHARDS` outcomes are counted in one partition.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /**
   * The namespace of the deployment's metrics: what its alarms and its dashboard show of attempts is then
   * printed, in CloudWatch's embedded format, as its own worker does. Default: nothing is.
   */
  readonly metricsNamespace?: string | undefined;
  /** Takes the line about each attempt, and our failures. Default: JSON on standard output. */
  readonly log?: Log | undefined;
};
