import { Duration } from "aws-cdk-lib";
import { Alarm, type IAlarm, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TimeBasedCanaryTrafficRouting,
} from "aws-cdk-lib/aws-codedeploy";
import { Construct } from "constructs";
import type { HttpEndpoint } from "./http-endpoint.ts";
import { allOf, type Functions } from "./monitoring.ts";
import type { PublishedMetrics } from "./published-metrics.ts";

export interface CanaryDeploymentProps {
  readonly functions: Functions;
  /** What is published of attempts. */
  readonly attempts: PublishedMetrics;
  readonly endpoint: HttpEndpoint;
  /** The part that a new version gets at first, in percent, and for how long. */
  readonly percent: number;
  readonly minutes: number;
  /** More alarms that undo a deployment. */
  readonly alarms: readonly IAlarm[];
}

const period = Duration.minutes(1);

/** What undoes a deployment: faults that Postrider does not have while it is well. */
const watched = ({ functions, attempts, endpoint }: CanaryDeploymentProps) => ({
  ...Object.fromEntries(
    allOf(functions).map(({ node, lambda }): [string, [IMetric, number]] => [
      `${node.id}Fails`,
      [lambda.metricErrors({ period }), 1],
    ]),
  ),
  EndpointFails: [endpoint.serverErrors.with({ period }), 5] as const,
  RecordsFail: [attempts.count("RecordsFailed").with({ period }), 5] as const,
});

/**
 * Shifts each function to its new version in two steps. While it does, an alarm that goes off within a
 * minute brings the old version back. The old and the new one work at the same table and queue
 * meanwhile, as they do for a minute in every deployment.
 */
export class CanaryDeployment extends Construct {
  constructor(scope: Construct, id: string, props: CanaryDeploymentProps) {
    super(scope, id);
    const alarms = Object.entries(watched(props)).map(
      ([name, [metric, threshold]]) =>
        new Alarm(this, name, {
          ...{ metric, threshold, evaluationPeriods: 1 },
          alarmDescription: "Undoes a deployment of Postrider while it is under way.",
          treatMissingData: TreatMissingData.NOT_BREACHING,
        }),
    );
    const application = new LambdaApplication(this, "Application");
    const deploymentConfig = new LambdaDeploymentConfig(this, "Config", {
      trafficRouting: new TimeBasedCanaryTrafficRouting({
        interval: Duration.minutes(props.minutes),
        percentage: props.percent,
      }),
    });
    for (const { node, alias } of allOf(props.functions))
      if (alias)
        new LambdaDeploymentGroup(this, node.id, {
          ...{ application, deploymentConfig, alias },
          alarms: [...alarms, ...props.alarms],
        });
  }
}
