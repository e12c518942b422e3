import { join } from "node:path";
import type { Duration } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  LayerVersion,
  LoggingFormat,
  type RecursiveLoop,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { BundleName } from "./bundle-names.ts";
import type { Tunables } from "./environment.ts";
import { joinNetwork, writeLogs } from "./grants.ts";
import { KeptLogGroup, type KeptLogGroupProps } from "./kept-log-group.ts";
import type { TracingMember } from "./members.ts";
import type { Network } from "./network.ts";
import { type PublishedMetrics, publishedBy } from "./published-metrics.ts";
import type { Queues } from "./queues.ts";

/** What all functions of a stage have in common. */
export interface CommonFunctionProps extends KeptLogGroupProps {
  readonly stageName: string;
  /** The namespace of the metrics that the functions publish. */
  readonly metricsNamespace: string;
  /** Has a folder for each function, as `npm run bundle` makes them. */
  readonly codeFolder: string;
  readonly settings: Tunables;
  /** Where the functions run; without one, outside of every VPC. */
  readonly network: Network | undefined;
  /** Whether versions take over by an alias. */
  readonly isShifted: boolean;
  /** One of the app's own, in place of a new one. */
  readonly logGroup: ILogGroup | undefined;
}

/** What the functions that store and send messages share. */
export interface DeliveryResources {
  readonly table: ITable;
  readonly queues: Queues;
}

/** Returns the settings that all of those functions have of their resources. */
export const resourceSettings = ({
  table,
  queues,
  metricsNamespace,
}: DeliveryResources & Pick<CommonFunctionProps, "metricsNamespace">) => ({
  table: table.tableName,
  queueUrl: queues.deliveries.queueUrl,
  metricsNamespace,
});

/** Returns the settings of the functions that send spans. */
export const tracingSettings = (tracing: TracingMember) =>
  tracing && {
    tracingEndpoint: tracing.endpoint,
    tracingHeadersSecret: tracing.headersSecretArn,
    tracingSampleRatio: tracing.sampleRatio === 1 ? undefined : String(tracing.sampleRatio),
  };

export interface DeliveryFunctionProps extends CommonFunctionProps {
  readonly bundle: BundleName;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that the function may do, besides writing its log. */
  readonly statements: readonly PolicyStatement[];
  readonly reservedConcurrentExecutions?: number;
  readonly recursiveLoop?: RecursiveLoop;
  /** Of a layer besides the code. */
  readonly layerArn?: string | undefined;
}

/** A function with a role and a log group of its own, and the metrics that its code publishes. */
export class DeliveryFunction extends Construct {
  readonly lambda: LambdaFunction;
  /** What is to be invoked: the function, or the alias by which versions take over. */
  readonly invoked: IFunction;
  readonly alias: Alias | undefined;
  readonly bundle: BundleName;
  /** What its code publishes. */
  readonly published: PublishedMetrics;
  private readonly grants: PolicyDocument;

  constructor(scope: Construct, id: string, props: DeliveryFunctionProps) {
    super(scope, id);
    this.bundle = props.bundle;
    this.published = publishedBy(props.bundle, props.metricsNamespace);
    const logGroup = props.logGroup ?? new KeptLogGroup(this, "Logs", props);
    const network = props.network ? [joinNetwork()] : [];
    const statements = [...props.statements, writeLogs(logGroup), ...network];
    this.grants = new PolicyDocument({ statements });
    const role = new Role(this, "Role", {
      description: `Postrider ${props.stageName}: permissions of the function ${id}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Grants: this.grants },
    });
    this.lambda = new LambdaFunction(this, "Function", {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      // Source maps would slow down every start, and are useful only next to the source.
      code: Code.fromAsset(join(props.codeFolder, props.bundle), { exclude: ["*.map"] }),
      memorySize: props.memoryMb,
      ...(props.layerArn !== undefined && {
        layers: [LayerVersion.fromLayerVersionArn(this, "Layer", props.layerArn)],
      }),
      timeout: props.timeout,
      environment: props.environment,
      role,
      ...props.network,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's three lines per invocation repeat what its metrics say.
      systemLogLevelV2: SystemLogLevel.WARN,
      reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      recursiveLoop: props.recursiveLoop,
    });
    this.alias = props.isShifted
      ? new Alias(this, "Live", { aliasName: "live", version: this.lambda.currentVersion })
      : undefined;
    this.invoked = this.alias ?? this.lambda;
  }

  /** Allows more than the function was made with. */
  allow(...statements: readonly PolicyStatement[]): void {
    this.grants.addStatements(...statements);
  }
}
