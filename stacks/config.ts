import type { Tunables } from "./environment.ts";

/** Read and write units per second that a provisioned table may move between. */
export type Provisioned = {
  readonly readUnits: { readonly min: number; readonly max: number };
  readonly writeUnits: { readonly min: number; readonly max: number };
};

/** Everything in which one deployment may differ from another. */
export type Stage = {
  /** Part of the stack's name, `postrider-<name>`, and of its metrics': `Postrider/<name>`. */
  readonly name: string;
  /** Where it is deployed. `-c account=… -c region=…` overrides both, for every stage. */
  readonly account: string;
  readonly region: string;

  /**
   * How the table is paid for. `on-demand` takes any load and costs nothing idle. Provisioned units
   * cost less where the load is steady, and refuse what comes faster than they grow.
   */
  readonly billing: "on-demand" | Provisioned;
  /**
   * Whether table, queues, master key, KMS key and logs outlive the stack, and stack and table refuse
   * to be deleted. Without it, `cdk destroy` leaves nothing behind, and no message either.
   */
  readonly keepsData: boolean;
  /**
   * `aws-managed` costs next to nothing. With `customer-key` table, queues, master key and logs are
   * encrypted under one KMS key of the account, which can be audited and withdrawn; each use of it is
   * paid for.
   */
  readonly encryption: "aws-managed" | "customer-key";

  /**
   * How requests come in. An HTTP API throttles, writes access logs and can have a domain. A
   * function URL costs nothing by the request and has none of the three.
   */
  readonly entrance: HttpApiEntrance | { readonly kind: "function-url" };

  readonly api: {
    /** Lambda gives processor time by memory: 1,769 MB are one whole core. */
    readonly memoryMb: number;
  };
  readonly worker: {
    readonly memoryMb: number;
    /** Records an invocation takes, and delivers side by side. */
    readonly batchSize: number;
    /** How many batches are delivered at once, at most: the brake on what targets and the account feel. */
    readonly maxConcurrency: number;
  };
  readonly dispatcher: {
    readonly memoryMb: number;
    /**
     * How many runs share the shards out each minute, at the same time: 1 to as many as there are
     * shards. More of them work a backlog off faster, up to what the table takes.
     */
    readonly groups: number;
    /**
     * Reserves one execution for each group: two runs of one at once would do no harm, but some work
     * twice. Takes them from the account's unreserved concurrency, of which AWS insists that 100
     * remain.
     */
    readonly alone: boolean;
  };

  /** For how many days logs are kept: one of the numbers that CloudWatch knows. */
  readonly logDays: number;
  readonly alarms: Alarms;
  /** Settings of the functions that are not to be at their default; see the page on configuration. */
  readonly settings: Tunables;
};

export type HttpApiEntrance = {
  readonly kind: "http-api";
  /** Requests a second, and at once; what comes faster is answered with 429 and costs no function. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /**
   * A name of one's own. The certificate is one of ACM, in the stage's region. The name must then be
   * pointed at the output `DomainTarget`, and the address that AWS made up answers no more.
   */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
};

export type Alarms = {
  /** Gets a letter to confirm first. Without one, nobody is told: subscribe to the topic otherwise. */
  readonly email?: string;
  /**
   * Age of the oldest record on the queue. A retry rests there for up to 15 minutes, so that less
   * than that says nothing.
   */
  readonly oldestRecordMinutes: number;
  /** For how long a message has been due without the dispatcher looking at it. */
  readonly oldestDueMinutes: number;
  /** Share of the attempts of a quarter of an hour that failed, if there were `attemptsMin` at all. */
  readonly failedAttemptsPercent: number;
  readonly attemptsMin: number;
  /** Messages of a quarter of an hour that have FAILED for good. */
  readonly failedMessages: number;
};

/** The place to change: the account and the region that stages are deployed to. */
const home = { account: "123456789012", region: "us-east-1" };

const alarms: Alarms = {
  oldestRecordMinutes: 20,
  oldestDueMinutes: 10,
  failedAttemptsPercent: 50,
  attemptsMin: 20,
  failedMessages: 10,
};

/** To try things out: small, and gone without a trace when it is destroyed. */
const dev: Stage = {
  ...home,
  name: "dev",
  billing: "on-demand",
  keepsData: false,
  encryption: "aws-managed",
  entrance: { kind: "function-url" },
  api: { memoryMb: 512 },
  worker: { memoryMb: 512, batchSize: 10, maxConcurrency: 5 },
  dispatcher: { memoryMb: 512, groups: 1, alone: false },
  logDays: 7,
  alarms,
  settings: {},
};

const prod: Stage = {
  ...home,
  name: "prod",
  billing: "on-demand",
  keepsData: true,
  encryption: "aws-managed",
  entrance: { kind: "http-api", requestsPerSecond: 500, burst: 1000 },
  api: { memoryMb: 512 },
  worker: { memoryMb: 512, batchSize: 10, maxConcurrency: 100 },
  dispatcher: { memoryMb: 1024, groups: 4, alone: false },
  logDays: 90,
  alarms,
  settings: {},
};

export const stages: readonly Stage[] = [dev, prod];
