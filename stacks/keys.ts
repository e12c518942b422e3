import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

export interface DataKeyProps {
  readonly stageName: string;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Lets CloudWatch Logs use a key, in its own name, for the log groups of the stack that the scope is
 * in (CloudWatch Logs User Guide, "Encrypt log data"). Their names begin with the stack's. The groups
 * themselves cannot be named, because each needs the key to be created. Does nothing to the policy of
 * a key that is imported.
 */
export const letLogsUse = (key: IKey, scope: Construct): void => {
  const stack = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "LogsOfThisStack",
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: [
        "kms:Decrypt",
        "kms:Describe*",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ],
      resources: ["*"],
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": stack.formatArn({
            service: "logs",
            resource: "log-group",
            resourceName: `${stack.stackName}-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
};

/** The KMS key of table, queues, master key and logs. AWS rotates it every year. */
export class DataKey extends Key {
  constructor(scope: Construct, id: string, { stageName, removalPolicy }: DataKeyProps) {
    super(scope, id, {
      description: `Postrider ${stageName}: messages, queues, the master key and logs`,
      enableKeyRotation: true,
      removalPolicy,
    });
    letLogsUse(this, this);
  }
}

/**
 * The KMS key of the alarm topic. CloudWatch cannot publish to a topic that is encrypted with the AWS
 * managed key of SNS, because the policy of that key does not allow it.
 */
export class AlarmKey extends Key {
  constructor(scope: Construct, id: string, { stageName }: { readonly stageName: string }) {
    super(scope, id, {
      description: `Postrider ${stageName}: alarms`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}
