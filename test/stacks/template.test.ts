/** What is deployed to AWS, by its templates. CDK loads slowly, so there is one file for all of it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { CfnResource } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsSolutionsChecks } from "cdk-nag";
import { couplingFaults } from "../../adapters/couplings.ts";
import { unknownVariables } from "../../adapters/environment.ts";
import { type FunctionName, readSettings, variablesReadBy } from "../../adapters/read-settings.ts";
import { settings } from "../../adapters/settings.ts";
import { threadsMin } from "../../adapters/thread-pool.ts";
import { tableDescription } from "../../entities/table.ts";
import { retentionDays } from "../../stacks/members.ts";
import {
  aStage,
  dev as devStage,
  type Json,
  keyed as keyedStage,
  one,
  plain,
  prod as prodStage,
  propertiesOf,
  resourcesOf,
  type Template,
} from "./resources.ts";
import { appOf, removeTemporary, synthesize } from "./synth.ts";

afterAll(removeTemporary);

/** All stages in one app, so that they are synthesized once and validated together. */
const stages = [devStage, prodStage, keyedStage];
const made = synthesize(stages);
const [dev, prod, keyed] = made.templates as [Template, Template, Template];
const place = { account: "123456789012", region: "us-east-1" };
const withoutList = synthesize([aStage("unlisted", { ...place, listAll: false })], made.code);
const [unlisted] = withoutList.templates as [Template];

const each = [
  ["dev", dev],
  ["prod", prod],
  ["keyed", keyed],
] as const;

const table = "AWS::DynamoDB::GlobalTable";
const queue = "AWS::SQS::Queue";
const lambda = "AWS::Lambda::Function";

describe("The table", () => {
  test.each(each)(
    "%s has a table with the keys of the entities and indexes of keys only",
    (_, of) => {
      const { KeySchema, GlobalSecondaryIndexes, AttributeDefinitions } = propertiesOf(of, table);

      const schema = ({ pk, sk }: { pk: string; sk: string }) => [
        { AttributeName: pk, KeyType: "HASH" },
        { AttributeName: sk, KeyType: "RANGE" },
      ];
      expect(KeySchema).toEqual(schema(tableDescription.key));
      expect(GlobalSecondaryIndexes).toEqual(
        Object.entries(tableDescription.indexes).map(([IndexName, keys]) =>
          expect.objectContaining({
            IndexName,
            KeySchema: schema(keys),
            Projection: { ProjectionType: "KEYS_ONLY" },
          }),
        ),
      );
      const numbers = AttributeDefinitions.filter(
        ({ AttributeType }: Json) => AttributeType === "N",
      );
      expect(numbers.map(({ AttributeName }: Json) => AttributeName)).toEqual([
        "dueAt",
        "failedAt",
      ]);
    },
  );

  test.each(each)("%s has a table with time to live and point-in-time recovery", (_, of) => {
    const { TimeToLiveSpecification, Replicas } = propertiesOf(of, table);

    expect(TimeToLiveSpecification).toEqual({ AttributeName: "ttl", Enabled: true });
    expect(Replicas[0]?.PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  });

  test("the table of a stage that lists not all messages lacks that index, and nothing else", () => {
    const { GlobalSecondaryIndexes, AttributeDefinitions, ...rest } = propertiesOf(unlisted, table);
    const whole = propertiesOf(prod, table);

    const isOther = ({ IndexName }: Json) => IndexName !== "bySender";
    expect(GlobalSecondaryIndexes).toEqual(whole.GlobalSecondaryIndexes.filter(isOther));
    expect(GlobalSecondaryIndexes).toHaveLength(2);
    const named = AttributeDefinitions.map(({ AttributeName }: Json) => AttributeName);
    expect(named.toSorted()).toEqual(["dueAt", "dueShard", "failedAt", "failedShard", "pk", "sk"]);
    expect(Object.keys(rest).toSorted()).toEqual(
      Object.keys(whole)
        .filter((name) => name in rest)
        .toSorted(),
    );
  });

  test("the table is billed on demand unless units are given", () => {
    expect(propertiesOf(prod, table).BillingMode).toBe("PAY_PER_REQUEST");
    const { BillingMode, WriteProvisionedThroughputSettings } = propertiesOf(keyed, table);
    expect(BillingMode).toBe("PROVISIONED");
    expect(WriteProvisionedThroughputSettings).toMatchObject({
      WriteCapacityAutoScalingSettings: { MinCapacity: 10, MaxCapacity: 100 },
    });
  });
});

describe("Stored data", () => {
  const kept = [table, queue, "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"];

  test.each(kept)("prod keeps its data when the stack is deleted, dev does not: %s", (type) => {
    const policies = (of: Template) =>
      new Set(Object.values(resourcesOf(of, type)).map(({ DeletionPolicy }) => DeletionPolicy));

    expect(policies(prod)).toEqual(new Set(["Retain"]));
    expect(policies(dev)).toEqual(new Set(["Delete"]));
  });

  test("only the table of prod is protected from deletion", () => {
    expect(propertiesOf(prod, table).Replicas[0]?.DeletionProtectionEnabled).toBe(true);
    expect(propertiesOf(dev, table).Replicas[0]?.DeletionProtectionEnabled).toBe(false);
  });

  test("everything stored is encrypted with the customer key where there is one", () => {
    const key = "Key.Arn";

    expect(propertiesOf(keyed, table).Replicas[0]?.SSESpecification).toEqual({
      KMSMasterKeyId: key,
    });
    expect(propertiesOf(keyed, queue, "QueuesDeliveries").KmsMasterKeyId).toBe(key);
    expect(propertiesOf(keyed, queue, "QueuesDeadLetters").KmsMasterKeyId).toBe(key);
    expect(propertiesOf(keyed, "AWS::SecretsManager::Secret").KmsKeyId).toBe(key);
    expect(one(keyed, "AWS::KMS::Key", "Key").DeletionPolicy).toBe("Retain");
  });
});

describe("The logs", () => {
  const groups = (of: Template) =>
    Object.entries(resourcesOf(of, "AWS::Logs::LogGroup")).map(([id, { Properties }]) => [
      id,
      plain(Properties).KmsKeyId,
    ]);
  const logs = ["ApiLogs", "WorkerLogs", "DispatcherLogs", "DeadLetterLogs", "EndpointAccessLogs"];

  test("all log groups are encrypted with the customer key where there is one", () => {
    expect(groups(keyed)).toEqual(logs.map((id) => [id, "Key.Arn"]));
    expect(groups(prod)).toEqual(logs.map((id) => [id, undefined]));
  });

  test("CloudWatch Logs may use the customer key for the log groups of this stack only", () => {
    const { KeyPolicy } = propertiesOf(keyed, "AWS::KMS::Key", "Key");
    const services = KeyPolicy.Statement.filter(({ Principal }: Json) => "Service" in Principal);

    expect(services).toEqual([
      {
        Sid: "LogsOfThisStack",
        Effect: "Allow",
        Principal: { Service: "logs.us-east-1.amazonaws.com" },
        Action: [
          ...["kms:Decrypt", "kms:Describe*", "kms:Encrypt"],
          ...["kms:GenerateDataKey*", "kms:ReEncrypt*"],
        ],
        Resource: "*",
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn":
              "arn:aws:logs:us-east-1:123456789012:log-group:postrider-keyed-*",
          },
        },
      },
    ]);
  });

  test("log groups are named after the stack, as the policy of the key expects", () => {
    const named = Object.values(resourcesOf(keyed, "AWS::Logs::LogGroup")).filter(
      ({ Properties }) => "LogGroupName" in Properties,
    );

    // CloudFormation makes a name of the stack's, the resource's, and something random.
    expect(named).toEqual([]);
  });
});

describe("The queue", () => {
  test.each(each)("%s hides a record for six times the time-out of the worker", (_, of) => {
    const { VisibilityTimeout } = propertiesOf(of, queue, "QueuesDeliveries");
    const { Timeout, Environment } = propertiesOf(of, lambda, "WorkerFunction");
    const { Variables } = Environment;

    expect(VisibilityTimeout).toBe(6 * Timeout);
    expect(Variables.POSTRIDER_FUNCTION_TIMEOUT_MS).toBe(String(Timeout * 1000));
    expect(Variables.POSTRIDER_VISIBILITY_MS).toBe(String(VisibilityTimeout * 1000));
  });

  test.each(each)("%s moves a record to the dead-letter queue after five receives", (_, of) => {
    expect(propertiesOf(of, queue, "QueuesDeliveries").RedrivePolicy).toEqual({
      deadLetterTargetArn: "QueuesDeadLetters.Arn",
      maxReceiveCount: 5,
    });
  });

  test.each(each)("%s encrypts its queues, keeps records for 14 days and requires TLS", (_, of) => {
    for (const id of ["QueuesDeliveries", "QueuesDeadLetters"]) {
      const properties = propertiesOf(of, queue, id);
      const isEncrypted = properties.SqsManagedSseEnabled || properties.KmsMasterKeyId;
      const { PolicyDocument } = propertiesOf(of, "AWS::SQS::QueuePolicy", `${id}Policy`);

      expect(isEncrypted).toBeTruthy();
      expect(properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Action: "sqs:*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  test.each(each)("%s has its queues read in batches of which single records may fail", (_, of) => {
    const sources = resourcesOf(of, "AWS::Lambda::EventSourceMapping");
    const read = Object.values(sources).map(({ Properties }) => plain(Properties));

    expect(read).toEqual([
      expect.objectContaining({
        EventSourceArn: "QueuesDeliveries.Arn",
        FunctionName: "WorkerFunction",
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: of === dev ? 5 : 100 },
      }),
      expect.objectContaining({
        EventSourceArn: "QueuesDeadLetters.Arn",
        FunctionName: "DeadLetterFunction",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      }),
    ]);
  });
});

describe("The functions", () => {
  const names = ["Api", "Worker", "Dispatcher", "DeadLetter"];

  test.each(names)("%s runs on Node 24 and ARM, with a log group and a role of its own", (name) => {
    expect(propertiesOf(prod, lambda, `${name}Function`)).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Role: `${name}Role.Arn`,
      LoggingConfig: { LogFormat: "JSON", LogGroup: `${name}Logs` },
    });
    expect(propertiesOf(prod, "AWS::Logs::LogGroup", `${name}Logs`).RetentionInDays).toBe(90);
  });

  test("no function of a stage that lists not all messages may query that index, and the API is told", () => {
    const told = (of: Template) =>
      ["Api", "Worker", "Dispatcher"].map(
        (name) =>
          propertiesOf(of, lambda, `${name}Function`).Environment.Variables.POSTRIDER_LIST_ALL,
      );
    const queried = (role: string) =>
      JSON.stringify(propertiesOf(unlisted, "AWS::IAM::Role", role).Policies).match(/index\/\w+/g);

    expect([told(unlisted), told(prod)]).toEqual([["false", undefined, undefined], Array(3)]);
    for (const role of ["ApiRole", "DispatcherRole"])
      expect(queried(role)).toEqual(["index/due", "index/failed"]);
  });

  test("each function gets the settings that it reads, and no others", () => {
    const settings = (name: string) => {
      const variables = propertiesOf(keyed, lambda, `${name}Function`).Environment?.Variables ?? {};
      return ["POSTRIDER_SHARDS", "POSTRIDER_TIMEOUT_MS"].map((setting) => variables[setting]);
    };

    expect(settings("Api")).toEqual(["32", undefined]);
    expect(settings("Worker")).toEqual(["32", "20000"]);
    expect(settings("Dispatcher")).toEqual(["32", undefined]);
    expect(settings("DeadLetter")).toEqual([undefined, undefined]);
  });

  test.each(each)(
    "the functions of %s accept their environment, without contradictions",
    (_, of) => {
      const settingsOf = <Name extends FunctionName>(name: Name, id: string) => {
        const { Variables = {} } = propertiesOf(of, lambda, `${id}Function`).Environment ?? {};
        expect(unknownVariables(variablesReadBy(name), Variables)).toEqual([]);
        // The template only knows the queue's address by its reference.
        const resolved = { POSTRIDER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/queue" };
        const { POSTRIDER_QUEUE_URL: _address, ...rest } = Variables;
        const given = "POSTRIDER_QUEUE_URL" in Variables ? { ...rest, ...resolved } : rest;
        return readSettings(name, given);
      };

      const [api, worker, dispatcher] = [
        settingsOf("api", "Api"),
        settingsOf("worker", "Worker"),
        settingsOf("dispatcher", "Dispatcher"),
      ];
      settingsOf("deadLetter", "DeadLetter");
      expect(couplingFaults(worker)).toEqual([]);
      expect([api, worker, dispatcher].map((each) => each.table)).toEqual(Array(3).fill("Table"));
      expect(api.masterKeySecret).toBe("MasterKey");
      expect(api.shards).toBe(dispatcher.shards);
    },
  );

  test("only the worker has threads for slow name servers", () => {
    const threads = names.map(
      (name) =>
        propertiesOf(prod, lambda, `${name}Function`).Environment.Variables.UV_THREADPOOL_SIZE,
    );

    expect(threads).toEqual([undefined, String(threadsMin), undefined, undefined]);
  });

  test("only the worker may invoke itself through its queue", () => {
    const loops = names.map((name) => propertiesOf(prod, lambda, `${name}Function`).RecursiveLoop);

    expect(loops).toEqual([undefined, "Allow", undefined, undefined]);
  });

  test("functions are deployed without source maps", () => {
    const assets = readdirSync(made.folder).filter((name) => name.startsWith("asset."));

    const deployed = assets.map((asset) => readdirSync(join(made.folder, asset)));

    expect(deployed).toEqual(Array(4).fill(["index.mjs"]));
  });

  test("the dispatcher reserves an execution for each group where that is configured", () => {
    const executions = (of: Template) =>
      propertiesOf(of, lambda, "DispatcherFunction").ReservedConcurrentExecutions;

    expect(executions(keyed)).toBe(5);
    expect(executions(prod)).toBeUndefined();
  });
});

describe("The dispatcher", () => {
  const schedule = "AWS::Scheduler::Schedule";
  const schedulesOf = (of: Template) => Object.keys(resourcesOf(of, schedule));

  test.each([
    ["dev", dev, 1],
    ["prod", prod, 4],
    ["keyed", keyed, 5],
  ] as const)("%s has each shard in exactly one schedule", (_, of, groups) => {
    const inputs = schedulesOf(of).map(
      (id) => JSON.parse(propertiesOf(of, schedule, id).Target.Input).shards,
    );
    const { Variables } = propertiesOf(of, lambda, "DispatcherFunction").Environment;
    const { schema, fallback } = settings.shards;
    const shards = schema.parse(Variables.POSTRIDER_SHARDS ?? fallback);

    expect(inputs).toHaveLength(groups);
    expect(inputs.flat().toSorted((one: number, other: number) => one - other)).toEqual(
      Array.from({ length: shards }, (_, shard) => shard),
    );
  });

  test.each(each)(
    "%s runs the dispatcher every minute and does not retry a failed run",
    (_, of) => {
      for (const id of schedulesOf(of))
        expect(propertiesOf(of, schedule, id)).toMatchObject({
          ScheduleExpression: "rate(1 minute)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: "DispatcherFunction.Arn",
            RoleArn: "DispatcherScheduleRole.Arn",
            RetryPolicy: { MaximumRetryAttempts: 0 },
          },
        });
      expect(propertiesOf(of, "AWS::Lambda::EventInvokeConfig")).toMatchObject({
        FunctionName: "DispatcherFunction",
        MaximumRetryAttempts: 0,
      });
      expect(propertiesOf(of, lambda, "DispatcherFunction").Timeout).toBeLessThan(60);
    },
  );
});

describe("The endpoint", () => {
  test("prod has an HTTP API that sends everything to the function, throttled and logged", () => {
    expect(propertiesOf(prod, "AWS::ApiGatewayV2::Route").RouteKey).toBe("$default");
    expect(propertiesOf(prod, "AWS::ApiGatewayV2::Integration")).toMatchObject({
      IntegrationUri: "ApiFunction.Arn",
      PayloadFormatVersion: "2.0",
    });
    expect(propertiesOf(prod, "AWS::ApiGatewayV2::Stage")).toMatchObject({
      StageName: "$default",
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 },
      AccessLogSettings: { DestinationArn: "EndpointAccessLogs.Arn" },
    });
  });

  test("the access log has no header and no query, either of which may hold a key", () => {
    const { Format } = propertiesOf(prod, "AWS::ApiGatewayV2::Stage").AccessLogSettings;

    expect(Object.keys(JSON.parse(Format))).toContain("status");
    expect(Format).not.toMatch(/header|query|authoriz/i);
  });

  test("dev has a public function URL: the API checks its own keys", () => {
    const permissions = Object.values(resourcesOf(dev, "AWS::Lambda::Permission"));

    expect(propertiesOf(dev, "AWS::Lambda::Url").AuthType).toBe("NONE");
    expect(permissions.map(({ Properties }) => Properties.Action).sort()).toEqual([
      "lambda:InvokeFunction",
      "lambda:InvokeFunctionUrl",
    ]);
    expect(Object.keys(resourcesOf(dev, "AWS::ApiGatewayV2::Api"))).toEqual([]);
  });

  test("an API with a custom domain answers under no other name", () => {
    expect(propertiesOf(keyed, "AWS::ApiGatewayV2::DomainName").DomainName).toBe(
      "messages.example.com",
    );
    expect(propertiesOf(keyed, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBe(true);
    expect(propertiesOf(prod, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBe(false);
  });
});

describe("The master key", () => {
  test("Secrets Manager generates 32 bytes as hexadecimal digits, each equally likely", () => {
    const { GenerateSecretString } = propertiesOf(prod, "AWS::SecretsManager::Secret");
    const { PasswordLength, ExcludeCharacters, ...rules } = GenerateSecretString;
    const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    const left = [...letters].filter((letter) => !ExcludeCharacters.includes(letter));

    expect(rules).toEqual({
      ExcludePunctuation: true,
      ExcludeUppercase: true,
      RequireEachIncludedType: false,
    });
    expect(left.join("")).toBe("abcdef0123456789");
    expect(PasswordLength).toBe(64);
  });
});

describe("Checks", () => {
  /** What the rules of AWS Solutions find, and why it is intended. */
  const acknowledged: Readonly<Record<string, string>> = {
    "prod AwsSolutions-APIG4 Endpoint/Api/DefaultRoute":
      "The function checks API keys and scopes itself; an authorizer would do it twice.",
    "dev AwsSolutions-SMG4 MasterKey":
      "An operator rotates the master key: stored data still needs the old one.",
    "prod AwsSolutions-SMG4 MasterKey": "As in dev.",
    "keyed AwsSolutions-SMG4 MasterKey": "As in dev.",
    "keyed AwsSolutions-APIG4 Endpoint/Api/DefaultRoute": "As in prod.",
  };

  test("the rules of AWS Solutions find exactly what is acknowledged", () => {
    const found = new AwsSolutionsChecks()
      .validateScope(made.app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath = "" }) => {
          const [stack = "", , ...path] = constructPath.replace(/\/Resource$/, "").split("/");
          return `${stack.replace("postrider-", "")} ${ruleName} ${path.join("/")}`;
        }),
      );

    expect(found.sort()).toEqual(Object.keys(acknowledged).sort());
  });

  test("a template that CloudFormation would refuse is not synthesized", () => {
    const { app, stacks } = appOf([devStage]);
    const [stack] = stacks;
    if (!stack) throw new Error("There is a stack");
    new CfnResource(stack, "Wrong", {
      type: "AWS::SQS::Queue",
      properties: { VisibilityTimeout: "soon", Colour: "red" },
    });

    expect(() => app.synth()).toThrow(/Colour: Additional properties are not allowed/);
  });
});

test("a stage may keep logs for the periods of CloudWatch, and no others", () => {
  expect(retentionDays).toEqual(
    Object.values(RetentionDays).filter((days) => typeof days === "number"),
  );
});

describe("Tags", () => {
  /** What takes tags by CloudFormation's schemas; of a table it is the replica that has them. */
  const taggable = [
    ...["ApiGatewayV2::Api", "ApiGatewayV2::DomainName", "ApiGatewayV2::Stage"],
    ...["CloudWatch::Alarm", "IAM::Role", "KMS::Key", "Lambda::EventSourceMapping"],
    ...["Lambda::Function", "Logs::LogGroup", "SNS::Topic", "SQS::Queue", "SecretsManager::Secret"],
  ].map((type) => `AWS::${type}`);

  test.each(each)(
    "every resource of %s that can have tags has the tag of the stage",
    (_, { Resources }) => {
      const types = (tagged: boolean) =>
        new Set(
          Object.values(Resources)
            .filter(({ Properties }) => (Properties?.Tags !== undefined) === tagged)
            .map(({ Type }) => Type),
        );

      expect([...types(true)].filter((type) => !taggable.includes(type))).toEqual([]);
      expect([...types(false)].filter((type) => taggable.includes(type))).toEqual([]);
    },
  );
});

describe("The template", () => {
  test("the same stage gives the same bytes", () => {
    expect(synthesize([keyedStage], made.code).texts[0]).toBe(made.texts[2]);
  });

  // If this fails on purpose: npm test -- test/stacks -u, and read what changes.
  // Other tests read the templates there.
  test.each(each)("%s has not changed", (_, template) => {
    const text = JSON.stringify(template, undefined, 1).replace(/[0-9a-f]{64}\.zip/g, "<code>.zip");

    // As text, which those tests can read again.
    expect(text).toMatchSnapshot();
  });
});
