import { join } from "node:path";
import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Stage } from "./config.ts";
import { environmentOf } from "./environment.ts";
import { grantsOf, type Resources, writeLogs } from "./grants.ts";
import { metricsNamespaceOf, Publisher } from "./metrics.ts";
import { visibility, workerTimeout } from "./queues.ts";

/** An HTTP API waits for 30 seconds at most: who waits longer gets an answer that says nothing. */
const apiTimeout = Duration.seconds(29);
/** A run is over before the next one begins. */
const dispatcherTimeout = Duration.seconds(55);
const deadLetterTimeout = Duration.seconds(20);

/** A log group that lasts for the stage's number of days, and as long as its data. */
export const logGroup = (
  stack: Stack,
  id: string,
  { logDays, keepsData }: Stage,
  key: Key | undefined,
): LogGroup =>
  new LogGroup(stack, id, {
    encryptionKey: key,
    retention: logDays as RetentionDays,
    removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });

type Given = {
  readonly name: Publisher["publishes"]["name"];
  readonly folder: string;
  readonly about: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly grants: readonly PolicyStatement[];
  readonly key: Key | undefined;
  readonly executions?: number;
  readonly recursiveLoop?: RecursiveLoop;
};

/** A function with a role and a log group of its own. What is deployed is the folder as it is. */
const functionOf = (stack: Stack, stage: Stage, id: string, given: Given): Publisher => {
  const logs = logGroup(stack, `${id}Logs`, stage, given.key);
  const statements = [...given.grants, writeLogs(logs)];
  const role = new Role(stack, `${id}Role`, {
    description: `Postrider ${stage.name}: what the function ${id} may do`,
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { Grants: new PolicyDocument({ statements }) },
  });
  const publishes = { namespace: metricsNamespaceOf(stage), name: given.name };
  return new Publisher(stack, id, publishes, {
    description: given.about,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    // Maps would make every start slower, and are of use only where the code is.
    code: Code.fromAsset(given.folder, { exclude: ["*.map"] }),
    memorySize: given.memoryMb,
    timeout: given.timeout,
    environment: given.environment,
    role,
    logGroup: logs,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    // Lambda's own three lines an invocation say what its metrics say too.
    systemLogLevelV2: SystemLogLevel.WARN,
    reservedConcurrentExecutions: given.executions,
    recursiveLoop: given.recursiveLoop,
  });
};

export type Functions = Readonly<Record<"api" | "worker" | "dispatcher" | "deadLetter", Publisher>>;

/** The four functions; `codeFolder` has a folder for each, as the bundle makes them. */
export const functionsOf = (
  stack: Stack,
  stage: Stage,
  resources: Resources,
  codeFolder: string,
): Functions => {
  const { table, queue, masterKey, key } = resources;
  const grants = grantsOf(stack, resources);
  const known = {
    table: table.tableName,
    queueUrl: queue.queueUrl,
    masterKeySecret: masterKey.secretArn,
    metricsNamespace: metricsNamespaceOf(stage),
  };
  const ofWorker = {
    functionTimeoutMs: String(workerTimeout.toMilliseconds()),
    visibilityMs: String(visibility.toMilliseconds()),
    // Node reads it when its process starts, before any of our code runs.
    threads: "256",
  };
  const { settings } = stage;
  return {
    api: functionOf(stack, stage, "Api", {
      about: "Takes messages, and says where they are",
      name: "api",
      folder: join(codeFolder, "api"),
      memoryMb: stage.api.memoryMb,
      timeout: apiTimeout,
      environment: environmentOf("api", known, settings),
      grants: grants.api,
      key,
    }),
    worker: functionOf(stack, stage, "Worker", {
      about: "Delivers the messages that the queue points at",
      name: "worker",
      folder: join(codeFolder, "worker"),
      memoryMb: stage.worker.memoryMb,
      timeout: workerTimeout,
      environment: environmentOf("worker", { ...known, ...ofWorker }, settings),
      grants: grants.worker,
      key,
      // It puts its own retries on the queue that it reads, which Lambda would take for an endless
      // loop, and end after 16 rounds. A message has at most 50 attempts.
      recursiveLoop: RecursiveLoop.ALLOW,
    }),
    dispatcher: functionOf(stack, stage, "Dispatcher", {
      about: "Looks after the messages that are due, each minute",
      name: "dispatcher",
      folder: join(codeFolder, "dispatcher"),
      memoryMb: stage.dispatcher.memoryMb,
      timeout: dispatcherTimeout,
      environment: environmentOf("dispatcher", known, settings),
      grants: grants.dispatcher,
      key,
      executions: stage.dispatcher.alone ? stage.dispatcher.groups : undefined,
    }),
    deadLetter: functionOf(stack, stage, "DeadLetter", {
      about: "Tells of the records that could not be handled",
      name: "dead-letter",
      folder: join(codeFolder, "dead-letter"),
      memoryMb: 256,
      timeout: deadLetterTimeout,
      environment: environmentOf("deadLetter", known, settings),
      grants: grants.deadLetter,
      key,
    }),
  };
};
