/** `new Postrider(…)` in a CDK app of its user's: what the props and the grants do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Alarm, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import { Topic } from "aws-cdk-lib/aws-sns";
import { AwsSolutionsChecks } from "cdk-nag";
import { Postrider, type PostriderProps, PostriderTable } from "../../stacks/index.ts";
import { type Json, plain, propertiesOf, resourcesOf, type Template } from "./resources.ts";
import { codeFolder, context, removeTemporary, temporaryFolder } from "./synth.ts";

afterAll(removeTemporary);

const code = codeFolder();
const env = { account: "123456789012", region: "eu-west-1" };
const lambda = "AWS::Lambda::Function";
const names = ["Api", "Worker", "Dispatcher", "DeadLetter"];

/** An app with one, and what its user adds. CDK validates the template. */
const made = (
  propsIn: (stack: Stack) => PostriderProps = () => ({}),
  add: (mail: Postrider, stack: Stack) => void = () => {},
): Template => {
  const app = new App({ context, outdir: temporaryFolder() });
  const stack = new Stack(app, "Shop", { env });
  const mail = new Postrider(stack, "Mail", { codeFolder: code, ...propsIn(stack) });
  add(mail, stack);
  return app.synth().getStackArtifact(stack.artifactId).template;
};
const all = (template: Template, type: string): readonly Json[] =>
  Object.values(resourcesOf(template, type)).map(({ Properties }) => plain(Properties));
const functionsOf = (template: Template) =>
  names.map((name) => propertiesOf(template, lambda, `Mail${name}Function`));
const statementsOf = (template: Template, role: string): readonly Json[] =>
  propertiesOf(template, "AWS::IAM::Role", role).Policies.flatMap(
    ({ PolicyDocument }: Json) => PolicyDocument.Statement,
  );
const aRole = (stack: Stack) =>
  new Role(stack, "Orders", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
const grantsOf = (template: Template): readonly Json[] =>
  propertiesOf(template, "AWS::IAM::Policy", "OrdersDefaultPolicy").PolicyDocument.Statement;

/*
 * CloudFormation knows resources by these. If one changes, say so in the changelog: whoever upgrades
 * gets another resource in its place. Of the first list, none may ever change.
 */
const keptIds = `
  MailApiLogsA1513AD7 MailDeadLetterLogs5A46B5D4 MailDispatcherLogs95D14BEA
  MailEndpointAccessLogsD9CE55E7 MailMasterKey4EDF285C MailQueuesDeadLettersB6C4BF4D
  MailQueuesDeliveriesA1282A04 MailTable754359E9 MailWorkerLogsFCBA7C43
`.match(/\w+/g) as readonly string[];
const otherIds = `
  MailApiFunction121C9F4B MailApiRole448F8376 MailDeadLetterFunction18BDD91C
  MailDeadLetterRoleB6ABF4DA MailDeadLetterSourceD2B93D85 MailDispatcherFunction9E7A9003
  MailDispatcherInvokeConfigCE9983E1 MailDispatcherRole7A9A19F4 MailDispatcherSchedule0FEBB0FBD
  MailDispatcherSchedule128371342 MailDispatcherSchedule29DCDE5A8 MailDispatcherSchedule3FCBE1251
  MailDispatcherScheduleRole1D90191D MailEndpointApiC80D9816 MailEndpointApiDefaultRoute92DF2B08
  MailEndpointApiDefaultRouteIntegration42C375EB
  MailEndpointApiDefaultRouteIntegrationPermission105EE328 MailEndpointStage4D26ACDA
  MailMonitoringApiFails5930F599 MailMonitoringAttemptsFail7F515111
  MailMonitoringDashboardE55AF8C0 MailMonitoringDeadLetterFails265A3B07
  MailMonitoringDeadLettersCame1CCC5ECA MailMonitoringDeadLettersStayD63E2B02
  MailMonitoringDispatcherFails329A3F78 MailMonitoringDispatcherIsBehind837E2BBA
  MailMonitoringDispatcherIsSilent7DF66A3C MailMonitoringEndpointFailsD68D119E
  MailMonitoringFunctionsAreThrottled6C0C93E6 MailMonitoringKey4FD70287
  MailMonitoringMessagesFail8A4E94E5 MailMonitoringMessagesQuarantined5F07E313
  MailMonitoringQueueIsBehind0884FDC9 MailMonitoringTableFailsACB9035A
  MailMonitoringTableIsThrottledFB6D1891 MailMonitoringTopic5BF44645
  MailMonitoringTopicPolicy1962616E MailMonitoringWorkerFailsA0E9BBB6
  MailQueuesDeadLettersPolicyE0D92F93 MailQueuesDeliveriesPolicyE4BC2191
  MailWorkerFunctionA55E99C9 MailWorkerRole542AC088 MailWorkerSourceF4563859
`.match(/\w+/g) as readonly string[];

const plainOne = made();

describe("A Postrider without props", () => {
  test("is named after its path, and tags what it makes", () => {
    const [api] = functionsOf(plainOne);
    const name = api.Environment.Variables.POSTRIDER_METRICS_NAMESPACE.replace("Postrider/", "");

    expect(name).toMatch(/^Shop-Mail-\w{8}$/);
    expect(api.Tags).toContainEqual({ Key: "postrider:stage", Value: name });
  });

  test("has no name that a second one in the account could have too", () => {
    const { DashboardName } = propertiesOf(plainOne, "AWS::CloudWatch::Dashboard");

    expect(DashboardName).toBeUndefined();
  });

  test("keeps its data under these ids: with another id comes an empty table, and another key", () => {
    const kept = Object.entries(plainOne.Resources).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === "Retain",
    );

    expect(kept.map(([id]) => id).toSorted()).toEqual(keptIds);
  });

  test("has these ids besides: what gets another one is replaced in every deployment", () => {
    const ids = Object.keys(plainOne.Resources).filter((id) => !keptIds.includes(id));

    expect(ids.toSorted()).toEqual(otherIds);
  });
});

test("Two in one stack have nothing in common", () => {
  const template = made(undefined, (_, stack) => {
    new Postrider(stack, "News", { codeFolder: code });
  });

  const namespaces = all(template, lambda).map(
    ({ Environment }) => Environment.Variables.POSTRIDER_METRICS_NAMESPACE,
  );
  expect(new Set(namespaces).size).toBe(2);
  expect(Object.keys(template.Resources)).toHaveLength(2 * Object.keys(plainOne.Resources).length);
});

describe("A table of the app", () => {
  test("is used in place of a new one, by its name, and so is its KMS key", () => {
    const template = made((stack) => ({
      table: PostriderTable.fromTableAttributes(stack, "Theirs", {
        tableName: "mail",
        encryptionKey: Key.fromKeyArn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/k"),
      }),
    }));

    const [api] = functionsOf(template);
    const [table, indexes, , , key] = statementsOf(template, "MailApiRole");
    expect(all(template, "AWS::DynamoDB::GlobalTable")).toEqual([]);
    expect(api.Environment.Variables.POSTRIDER_TABLE).toBe("mail");
    expect(table.Resource).toMatch(/:table\/mail$/);
    expect(indexes.Resource).toEqual(
      ["bySender", "due", "failed"].map((name) => `${table.Resource}/index/${name}`),
    );
    expect(key).toMatchObject({
      Resource: "arn:aws:kms:eu-west-1:123456789012:key/k",
      Condition: { StringEquals: { "kms:ViaService": "dynamodb.eu-west-1.amazonaws.com" } },
    });
    expect(propertiesOf(template, "AWS::SQS::Queue", "MailQueuesDeliveries")).toMatchObject({
      SqsManagedSseEnabled: true,
    });
  });

  test("may be one that is made elsewhere as a Postrider would make it", () => {
    const template = made((stack) => ({ table: new PostriderTable(stack, "Mail2") }));

    const [ours] = all(plainOne, "AWS::DynamoDB::GlobalTable");
    const [theirs, ...others] = all(template, "AWS::DynamoDB::GlobalTable");
    const { Replicas, ...rest } = theirs;
    const { Replicas: replicas, ...same } = ours;
    expect([rest, others]).toEqual([same, []]);
    expect({ ...Replicas[0], Tags: replicas[0].Tags }).toEqual(replicas[0]);
  });

  test("is refused by the prop if it is to be made with units that make no sense", () => {
    const stack = new Stack();
    const readUnits = { min: 5, max: 1 };

    expect(
      () =>
        new PostriderTable(stack, "Table", {
          billing: { mode: "provisioned", readUnits, writeUnits: readUnits },
        }),
    ).toThrow("billing.readUnits must not have a min above its max\nbilling.writeUnits must");
  });
});

test("A KMS key of the app encrypts everything, and lets the logs of this stack use it", () => {
  const template = made((stack) => ({ encryptionKey: new Key(stack, "Theirs") }));

  const { KeyPolicy } = propertiesOf(template, "AWS::KMS::Key", "Theirs");
  expect(KeyPolicy.Statement).toContainEqual(expect.objectContaining({ Sid: "LogsOfThisStack" }));
  expect(Object.keys(resourcesOf(template, "AWS::KMS::Key"))).toEqual([
    ...["Theirs", "MailMonitoringKey"],
  ]);
  for (const { KmsKeyId } of all(template, "AWS::Logs::LogGroup"))
    expect(KmsKeyId).toBe("Theirs.Arn");
  for (const { KmsMasterKeyId } of all(template, "AWS::SQS::Queue"))
    expect(KmsMasterKeyId).toBe("Theirs.Arn");
  const [table] = all(template, "AWS::DynamoDB::GlobalTable");
  expect(table.Replicas[0].SSESpecification).toEqual({ KMSMasterKeyId: "Theirs.Arn" });
});

describe("Tracing", () => {
  const endpoint = "http://localhost:4318";
  const layerArn = "arn:aws:lambda:eu-west-1:123456789012:layer:collector:7";
  const headersSecretArn =
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:collector-headers-AbCdEf";
  const template = made(() => ({
    tracing: { endpoint, layerArn, headersSecretArn, sampleRatio: 0.25 },
  }));
  const sids = (of: Template, name: string) =>
    statementsOf(of, `Mail${name}Role`).map(({ Sid }) => Sid);

  test("is of the functions that answer and deliver, which may read the headers, and no other", () => {
    const [api, worker, dispatcher, deadLetter] = functionsOf(template);

    for (const { Environment, Layers } of [api, worker]) {
      expect(Environment.Variables).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_TRACES_SAMPLER_ARG: "0.25",
        POSTRIDER_TRACING_HEADERS_SECRET: headersSecretArn,
      });
      expect(Layers).toEqual([layerArn]);
    }
    for (const { Environment, Layers } of [dispatcher, deadLetter]) {
      expect(JSON.stringify(Environment)).not.toMatch(/OTEL|TRACING/);
      expect(Layers).toBeUndefined();
    }
    for (const name of ["Api", "Worker"])
      expect(statementsOf(template, `Mail${name}Role`)).toContainEqual({
        ...{ Sid: "TracingHeaders", Effect: "Allow" },
        ...{ Action: "secretsmanager:GetSecretValue", Resource: headersSecretArn },
      });
    for (const name of ["Dispatcher", "DeadLetter"])
      expect(sids(template, name)).not.toContain("TracingHeaders");
  });

  test("takes no secret and no layer where it has none", () => {
    const simple = made(() => ({ tracing: { endpoint: "https://c.example.com" } }));

    const [api] = functionsOf(simple);
    expect(api.Environment.Variables).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://c.example.com",
    });
    expect(JSON.stringify(api)).not.toMatch(/SAMPLER|TRACING_HEADERS|Layers/);
    expect(sids(simple, "Api")).not.toContain("TracingHeaders");
  });

  test("is off, and nothing of it is there, where it is left out", () => {
    expect(JSON.stringify(plainOne)).not.toMatch(/OTEL|OTLP|TRACING_HEADERS|TracingHeaders/);
  });
});

describe("In a VPC", () => {
  const vpcOf = (stack: Stack) => new Vpc(stack, "Vpc", { maxAzs: 2 });
  const template = made((stack) => {
    const vpc = vpcOf(stack);
    return { vpc, allowTargets: [vpc.vpcCidrBlock, "10.1.0.0/16"] };
  });

  test("all functions run in its private subnets, and may, behind one security group", () => {
    for (const { VpcConfig } of functionsOf(template)) {
      expect(VpcConfig.SecurityGroupIds).toEqual(["MailSecurityGroup.GroupId"]);
      expect(VpcConfig.SubnetIds).toEqual(["VpcPrivateSubnet1Subnet", "VpcPrivateSubnet2Subnet"]);
    }
    for (const name of names)
      expect(statementsOf(template, `Mail${name}Role`)).toContainEqual(
        expect.objectContaining({
          Sid: "Network",
          Action: expect.arrayContaining(["ec2:CreateNetworkInterface"]),
        }),
      );
    const { SecurityGroupIngress } = propertiesOf(template, "AWS::EC2::SecurityGroup");
    expect(SecurityGroupIngress).toBeUndefined();
  });

  test("the API and the worker are told the ranges that deliveries may reach", () => {
    const told = functionsOf(template).map(
      ({ Environment }) => Environment.Variables.POSTRIDER_ALLOW_TARGETS,
    );

    const ranges = "Vpc.CidrBlock,10.1.0.0/16";
    expect(told).toEqual([ranges, ranges, undefined, undefined]);
  });

  test("subnets and security groups may be given", () => {
    const given = made((stack) => {
      const vpc = vpcOf(stack);
      return {
        vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS, availabilityZones: ["dummy1a"] },
        securityGroups: [new SecurityGroup(stack, "Group", { vpc })],
      };
    });

    const [{ VpcConfig }] = functionsOf(given);
    expect(VpcConfig.SecurityGroupIds).toEqual(["Group.GroupId"]);
    expect(VpcConfig.SubnetIds).toHaveLength(1);
  });
});

test("Logs, alarms, roles and tags are where the app wants them", () => {
  const template = made((stack) => ({
    logGroups: {
      worker: new LogGroup(stack, "WorkerLogs"),
      access: new LogGroup(stack, "AccessLogs"),
    },
    alarmTopic: new Topic(stack, "Night"),
    permissionsBoundary: ManagedPolicy.fromManagedPolicyName(stack, "Boundary", "boundary"),
    tags: { team: "shop" },
  }));

  const groups = functionsOf(template).map(({ LoggingConfig }) => LoggingConfig.LogGroup);
  expect(groups).toEqual(["MailApiLogs", "WorkerLogs", "MailDispatcherLogs", "MailDeadLetterLogs"]);
  const [{ AccessLogSettings }] = all(template, "AWS::ApiGatewayV2::Stage");
  expect(AccessLogSettings.DestinationArn).toBe("AccessLogs.Arn");
  expect(Object.keys(resourcesOf(template, "AWS::SNS::Topic"))).toEqual(["Night"]);
  for (const { AlarmActions } of all(template, "AWS::CloudWatch::Alarm"))
    expect(AlarmActions).toEqual(["Night"]);
  for (const { PermissionsBoundary } of all(template, "AWS::IAM::Role"))
    expect(PermissionsBoundary).toMatch(/policy\/boundary$/);
  const [{ Tags }] = functionsOf(template);
  expect(Tags).toContainEqual({ Key: "team", Value: "shop" });
});

test("The name of a domain gets its record in the zone of the app", () => {
  const template = made((stack) => ({
    hostedZone: new HostedZone(stack, "Zone", { zoneName: "example.com" }),
    endpoint: {
      kind: "http-api",
      domain: {
        name: "mail.example.com",
        certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/1-a",
      },
    },
  }));

  expect(all(template, "AWS::Route53::RecordSet")).toEqual([
    expect.objectContaining({
      ...{ Name: "mail.example.com.", Type: "A", HostedZoneId: "Zone" },
      AliasTarget: {
        DNSName: "MailEndpointDomain.RegionalDomainName",
        HostedZoneId: "MailEndpointDomain.RegionalHostedZoneId",
      },
    }),
  ]);
});

describe("With a canary", () => {
  const template = made((stack) => ({
    canary: {
      ...{ percent: 5, minutes: 15 },
      alarms: [
        new Alarm(stack, "Orders", {
          metric: new Metric({ namespace: "Shop", metricName: "Lost" }),
          ...{ threshold: 1, evaluationPeriods: 1 },
        }),
      ],
    },
  }));
  const aliases = names.map((name) => `Mail${name}Live`);

  test("CodeDeploy shifts each function to its new version by its alias", () => {
    const shifted = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === "AWS::Lambda::Alias",
    ) as Json[];

    expect(Object.keys(resourcesOf(template, "AWS::Lambda::Alias"))).toEqual(aliases);
    for (const [, { UpdatePolicy }] of shifted)
      expect(plain(UpdatePolicy).CodeDeployLambdaAliasUpdate).toMatchObject({
        ApplicationName: "MailCanaryApplication",
      });
    expect(propertiesOf(template, "AWS::CodeDeploy::DeploymentConfig")).toMatchObject({
      ComputePlatform: "Lambda",
      TrafficRoutingConfig: {
        TimeBasedCanary: { CanaryInterval: 15, CanaryPercentage: 5 },
        Type: "TimeBasedCanary",
      },
    });
  });

  test("a deployment is undone by each of these alarms", () => {
    const groups = all(template, "AWS::CodeDeploy::DeploymentGroup");

    expect(groups).toHaveLength(4);
    for (const { AlarmConfiguration, AutoRollbackConfiguration } of groups) {
      expect(AlarmConfiguration.Alarms.map(({ Name }: Json) => Name)).toEqual([
        ...names.map((name) => `MailCanary${name}Fails`),
        ...["MailCanaryEndpointFails", "MailCanaryRecordsFail", "Orders"],
      ]);
      expect(AutoRollbackConfiguration.Events).toContain("DEPLOYMENT_STOP_ON_ALARM");
    }
  });

  test("nothing invokes a function but by its alias, or the new version would get everything", () => {
    const invoked = [
      ...all(template, "AWS::Lambda::EventSourceMapping").map(({ FunctionName }) => FunctionName),
      ...all(template, "AWS::Scheduler::Schedule").map(({ Target }) => Target.Arn),
      ...all(template, "AWS::ApiGatewayV2::Integration").map(
        ({ IntegrationUri }) => IntegrationUri,
      ),
      ...all(template, "AWS::Lambda::Permission").map(({ FunctionName }) => FunctionName),
      ...statementsOf(template, "MailDispatcherScheduleRole").map(({ Resource }) => Resource),
    ];

    // An alias by its reference, or by its name behind that of the function.
    const isAlias = (text: string) => aliases.includes(text) || text.endsWith(":live");
    expect(invoked.filter((each) => !isAlias(each))).toEqual([]);
    expect(propertiesOf(template, "AWS::Lambda::EventInvokeConfig").Qualifier).toBe("live");
  });

  test("a function URL is that of the alias", () => {
    const given = made(() => ({ canary: {}, endpoint: { kind: "function-url" } }));

    const { TargetFunctionArn, Qualifier } = propertiesOf(given, "AWS::Lambda::Url");
    expect([TargetFunctionArn, Qualifier]).toEqual(["MailApiFunction.Arn", "live"]);
  });
});

describe("A grant", () => {
  test("to send is one for the outbox, and for the senders that are named", () => {
    const template = made(undefined, (mail, stack) => {
      mail.grantSend(aRole(stack), "shop", "news");
    });

    expect(grantsOf(template)).toEqual([
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        Resource: "MailTable.Arn",
        Condition: {
          "ForAllValues:StringLike": {
            "dynamodb:LeadingKeys": [
              ...["$postrider#senderId_shop", "$postrider#senderId_shop#*"],
              ...["$postrider#senderId_news", "$postrider#senderId_news#*"],
            ],
          },
        },
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: "MailQueuesDeliveries.Arn" },
    ]);
  });

  test("to send for all senders names none, and covers the KMS key", () => {
    const template = made(
      () => ({ encryption: "customer-key" }),
      (mail, stack) => {
        mail.grantSend(aRole(stack));
      },
    );

    const [table, queue, ...keys] = grantsOf(template);
    expect([table.Condition, queue.Condition]).toEqual([undefined, undefined]);
    expect(keys.map(({ Condition }) => Condition.StringEquals["kms:ViaService"])).toEqual([
      ...["dynamodb.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"],
    ]);
  });

  test("to send is refused for what would be a pattern of many senders", () => {
    expect(() => made(undefined, (mail, stack) => void mail.grantSend(aRole(stack), "*"))).toThrow(
      'Not the id of a sender: "*"',
    );
  });

  test("to operate is for the commands that work on the table, as the page on securing has them", () => {
    const template = made(undefined, (mail, stack) => {
      mail.grantOperate(aRole(stack));
    });
    const page = readFileSync(join(import.meta.dirname, "../../docs/guides/secure.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(?:npm run|postrider) .*$/gm)].map(([row]) => row);
    const needed = rows.flatMap((row) => row.match(/(?:dynamodb|secretsmanager):\w+/g) ?? []);

    const granted = grantsOf(template).flatMap(({ Action }) => Action);
    expect(rows).toHaveLength(6);
    expect([...new Set(needed)].toSorted()).toEqual(granted.toSorted());

    expect(grantsOf(template).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [
        [
          ...["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:GetItem"],
          ...["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"],
        ],
        "MailTable.Arn",
      ],
      ["secretsmanager:GetSecretValue", "MailMasterKey"],
    ]);
  });
});

describe("A metric", () => {
  const mail = new Postrider(new Stack(new App({ context }), "Shop"), "Mail", {
    ...{ codeFolder: code, name: "shop" },
  });

  test("is the one that the functions publish", () => {
    expect(mail.metricMessagesFailed()).toMatchObject({
      ...{ namespace: "Postrider/shop", metricName: "MessagesFailed", statistic: "Sum" },
      dimensions: { service: "postrider-worker" },
    });
    expect(mail.metricMessagesAccepted().dimensions).toEqual({ service: "postrider-api" });
    expect(mail.metricMessagesCompleted().metricName).toBe("MessagesCompleted");
    expect(mail.metricOldestDueAge()).toMatchObject({
      ...{ metricName: "OldestDueAge", statistic: "Maximum" },
      dimensions: { service: "postrider-dispatcher" },
    });
  });

  test("has the statistic that is asked for", () => {
    expect(mail.metric("SubmitDuration", { statistic: "p99" })).toMatchObject({
      ...{ metricName: "SubmitDuration", statistic: "p99" },
    });
  });
});

test("The settings of an outbox are those that the deployment has, and its shards", () => {
  const mail = new Postrider(new Stack(new App({ context }), "Shop"), "Mail", {
    ...{ codeFolder: code, listAll: false, allowTargets: ["10.0.0.0/8"] },
    settings: { POSTRIDER_RETENTION_DAYS: "7", POSTRIDER_TIMEOUT_MS: "20000" },
  });

  expect(mail.outboxSettings).toEqual({
    ...{ POSTRIDER_ALLOW_TARGETS: "10.0.0.0/8", POSTRIDER_RETENTION_DAYS: "7" },
    ...{ POSTRIDER_SHARDS: "8", POSTRIDER_LIST_ALL: "false" },
  });
});

test("The rules of AWS Solutions find exactly what is acknowledged", () => {
  const acknowledged: Readonly<Record<string, string>> = {
    "APIG4 Endpoint/Api/DefaultRoute": "The function checks API keys and scopes itself.",
    "SMG4 MasterKey": "An operator rotates it: stored data still needs the old one.",
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`IAM4 Canary/${name}/ServiceRole`, "What CodeDeploy needs, as AWS keeps it."],
        [`IAM5 ${name}/Role`, "Network interfaces have no name before they are made."],
      ]),
    ),
  };
  const app = new App({ context, outdir: temporaryFolder() });
  const stack = new Stack(app, "Shop", { env });
  const vpc = Vpc.fromVpcAttributes(stack, "Vpc", {
    ...{ vpcId: "vpc-0123456789abcdef0", availabilityZones: ["eu-west-1a"] },
    privateSubnetIds: ["subnet-0123456789abcdef0"],
    privateSubnetRouteTableIds: ["rtb-0123456789abcdef0"],
  });
  new Postrider(stack, "Mail", { codeFolder: code, vpc, canary: {} });
  app.synth();

  const found = new AwsSolutionsChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => {
        const rule = /^AwsSolutions-(\w+)/.exec(ruleName)?.[1];
        return `${rule} ${constructPath.replace(/^Shop\/Mail\/|\/Resource$/g, "")}`;
      }),
    );

  expect(found.toSorted()).toEqual(Object.keys(acknowledged).toSorted());
});
