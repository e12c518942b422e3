import type { Tunables } from "./environment.ts";

/** Provisioned units of a table, scaled between two bounds: 1 to 40,000. */
export interface Units {
  readonly min: number;
  readonly max: number;
}

/** A name of your own for the HTTP API. The address that AWS generates then answers no longer. */
export interface EndpointDomain {
  /** In lower case. Give `hostedZone`, or point it at `domainTarget` yourself. */
  readonly name: string;
  /** A certificate of ACM, in the region of the stack. */
  readonly certificateArn: string;
}

/** An HTTP API throttles, writes access logs and can have a domain. */
export interface HttpApiEndpoint {
  readonly kind: "http-api";
  /**
   * Above it, AWS answers 429 and no function is started.
   * @default 500
   */
  readonly requestsPerSecond?: number;
  /** @default 1000 */
  readonly burst?: number;
  /** @default - the address that AWS generates */
  readonly domain?: EndpointDomain;
}

/** A function URL costs nothing per request, and has none of what an HTTP API has. */
export interface FunctionUrlEndpoint {
  readonly kind: "function-url";
}

/** The function that delivers. */
export interface WorkerProps {
  /**
   * Lambda gives processor time in proportion: 1,769 MB are one whole core.
   * @default 512
   */
  readonly memoryMb?: number;
  /**
   * How many records one invocation takes and delivers in parallel: 1 to 10.
   * @default 10
   */
  readonly batchSize?: number;
  /**
   * How many invocations run at once, at most: 2 to 1000. Lower it to spare the targets or the account.
   * @default 100
   */
  readonly maxConcurrency?: number;
}

/** The function that sends what is due, every minute. */
export interface DispatcherProps {
  /** @default 1024 */
  readonly memoryMb?: number;
  /**
   * How many runs share the shards every minute, in parallel. At most one per shard.
   * @default 4
   */
  readonly groups?: number;
  /**
   * Reserves one concurrent execution for each group. Two runs of one group do no harm, but some work
   * twice. Takes them from the account's unreserved concurrency, of which AWS keeps at least 100.
   * @default false
   */
  readonly reserveConcurrency?: boolean;
}

/** When alarms go off, and who gets an e-mail. */
export interface AlarmProps {
  /**
   * Receives a confirmation e-mail first.
   * @default - nobody: subscribe to the topic yourself
   */
  readonly email?: string;
  /**
   * Age of the oldest record on the queue, from 16. A retry waits there for up to 15 minutes.
   * @default 20
   */
  readonly oldestRecordMinutes?: number;
  /**
   * How long a message has been due and not dispatched, from 2.
   * @default 10
   */
  readonly oldestDueMinutes?: number;
  /**
   * Share of failed attempts in 15 minutes, counted if there were at least `attemptsMin`.
   * @default 50
   */
  readonly failedAttemptsPercent?: number;
  /** @default 20 */
  readonly attemptsMin?: number;
  /**
   * Messages that became FAILED within 15 minutes.
   * @default 10
   */
  readonly failedMessages?: number;
}

/** Where spans of submits and attempts are sent. */
export interface TracingProps {
  /**
   * A collector of OpenTelemetry that takes OTLP/HTTP, without `/v1/traces`: by https, or
   * `http://localhost:4318` for one in a layer.
   */
  readonly endpoint: string;
  /**
   * A secret in Secrets Manager with the headers of each export, such as `x-api-key=…`, as
   * `OTEL_EXPORTER_OTLP_HEADERS` has them. It is read when a function starts.
   * @default - no headers
   */
  readonly headersSecretArn?: string;
  /**
   * A version of a Lambda layer with a collector, for the functions that send spans.
   * @default - no layer
   */
  readonly layerArn?: string;
  /**
   * The part of the traces that begin in Postrider which are recorded: 0 to 1. Of those that come with
   * a request, their own flag decides.
   * @default 1
   */
  readonly sampleRatio?: number;
}

/** What a stage file and the props of the construct have in common. */
export interface PostriderMembers {
  /**
   * Provisioned units are cheaper where the load is steady, and throttle what grows faster than they
   * do. Each index gets the units of the table.
   * @default - on-demand
   */
  readonly billing?:
    | { readonly mode: "on-demand" }
    | { readonly mode: "provisioned"; readonly readUnits: Units; readonly writeUnits: Units };
  /**
   * Keeps table, queues, master key, KMS key and logs when the stack is deleted, and protects the table
   * from deletion. If false, deleting the stack deletes everything, messages included.
   * @default true
   */
  readonly retainData?: boolean;
  /**
   * `customer-key` encrypts table, queues, master key and logs with one KMS key of the account, which
   * can be audited and revoked. AWS charges for each use of it. `aws-managed` costs next to nothing.
   * @default "aws-managed"
   */
  readonly encryption?: "aws-managed" | "customer-key";
  /** @default - an HTTP API */
  readonly endpoint?: HttpApiEndpoint | FunctionUrlEndpoint;
  /**
   * Whether the table has an index of all messages of a sender. Without it a message costs a write
   * unit less, and only what FAILED or is unfinished can be listed.
   * @default true
   */
  readonly listAll?: boolean;
  /** The function that answers requests. 512 MB by default. */
  readonly api?: { readonly memoryMb?: number };
  /**
   * `false`: there is none, and a worker of yours delivers in another way. See `addWorker`.
   * @default - one that delivers by HTTP
   */
  readonly worker?: WorkerProps | false;
  readonly dispatcher?: DispatcherProps;
  /**
   * How many days logs are kept: one of the periods of CloudWatch, 9999 for ever.
   * @default 90
   */
  readonly logDays?: number;
  readonly alarms?: AlarmProps;
  /**
   * Spans by OpenTelemetry. Without it a trace that comes with a request is handed on to the target all
   * the same.
   * @default - none are recorded
   */
  readonly tracing?: TracingProps;
  /**
   * Settings of the functions that are not at their default, by variable. Not the namespace of the
   * metrics, and not what `listAll` and `tracing` set.
   * @default - each at its default
   */
  readonly settings?: Tunables;
}
