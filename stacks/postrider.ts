import { Duration, RemovalPolicy, Tags } from "aws-cdk-lib";
import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { DeadLetterFunction } from "./dead-letter-function.ts";
import { DispatcherFunction } from "./dispatcher-function.ts";
import { HttpEndpoint } from "./http-endpoint.ts";
import { DataKey } from "./keys.ts";
import { MasterKey } from "./master-key.ts";
import { MessageTable } from "./message-table.ts";
import { type Functions, Monitoring } from "./monitoring.ts";
import { Queues } from "./queues.ts";
import type { Stage } from "./stage.ts";
import { WorkerFunction } from "./worker-function.ts";

export interface PostriderProps {
  readonly stage: Omit<Stage, "account" | "region">;
  /** Has a folder for each function, as `npm run bundle` makes them. */
  readonly codeFolder: string;
}

/** Shorter than a lease, so that a worker is gone when its messages are free for others. */
const workerTimeout = Duration.seconds(60);

/** A whole Postrider: table, queues, functions, endpoint and monitoring. */
export class Postrider extends Construct {
  readonly table: MessageTable;
  readonly queues: Queues;
  readonly masterKey: MasterKey;
  readonly functions: Functions;
  readonly endpoint: HttpEndpoint;
  readonly monitoring: Monitoring;

  constructor(scope: Construct, id: string, { stage, codeFolder }: PostriderProps) {
    super(scope, id);
    const { name: stageName, alarms, billing, listAll, endpoint, logDays, settings } = stage;
    // CloudFormation's schema of a dashboard has no tags, though CDK's class has.
    const excludeResourceTypes = ["AWS::CloudWatch::Dashboard"];
    Tags.of(this).add("postrider:stage", stageName, { excludeResourceTypes });

    const removalPolicy = stage.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const encryptionKey =
      stage.encryption === "customer-key"
        ? new DataKey(this, "Key", { stageName, removalPolicy })
        : undefined;
    const storage = { encryptionKey, removalPolicy };
    const table = new MessageTable(this, "Table", { ...storage, billing, listAll });
    const queues = new Queues(this, "Queues", { ...storage, workerTimeout });
    const masterKey = new MasterKey(this, "MasterKey", { ...storage, stageName });

    // Its own, so that stages in one account do not trip each other's alarms.
    const metricsNamespace = `Postrider/${stageName}`;
    const common = { ...storage, stageName, metricsNamespace, logDays, codeFolder, settings };
    const store = { ...common, table, queues };
    this.functions = {
      api: new ApiFunction(this, "Api", { ...store, masterKey, listAll, ...stage.api }),
      worker: new WorkerFunction(this, "Worker", {
        ...{ ...store, masterKey, ...stage.worker },
        timeout: workerTimeout,
      }),
      dispatcher: new DispatcherFunction(this, "Dispatcher", {
        ...store,
        listAll,
        ...stage.dispatcher,
      }),
      deadLetter: new DeadLetterFunction(this, "DeadLetter", {
        ...common,
        deadLetters: queues.deadLetters,
      }),
    };

    this.table = table;
    this.queues = queues;
    this.masterKey = masterKey;
    this.endpoint = new HttpEndpoint(this, "Endpoint", {
      ...{ ...storage, stageName, logDays, endpoint },
      handler: this.functions.api.lambda,
    });
    this.monitoring = new Monitoring(this, "Monitoring", {
      ...{ stageName, alarms, table, queues },
      ...{ functions: this.functions, endpoint: this.endpoint },
    });
  }
}
