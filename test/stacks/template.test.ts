/** What is deployed to AWS, judged by the templates. The library loads slowly: one file for all of it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { CfnResource } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsSolutionsChecks } from "cdk-nag";
import { unknownVariables } from "../../adapters/environment.ts";
import { type FunctionName, readSettings, variablesReadBy } from "../../adapters/read-settings.ts";
import { settings } from "../../adapters/settings.ts";
import { threadsMin } from "../../adapters/thread-pool.ts";
import { tableDescription } from "../../entities/table.ts";
import { couplingFaults } from "../../handlers/lambda/couplings.ts";
import { retentionDays } from "../../stacks/stage.ts";
import {
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

const each = [
  ["dev", dev],
  ["prod", prod],
  ["keyed", keyed],
] as const;

const table = "AWS::DynamoDB::GlobalTable";
const queue = "AWS::SQS::Queue";
const lambda = "AWS::Lambda::Function";

describe("The table", () => {
  test.each(each)("of %s has the keys that the entities use, and indexes of keys only", (_, of) => {
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
    const numbers = AttributeDefinitions.filter(({ AttributeType }: Json) => AttributeType === "N");
    expect(numbers.map(({ AttributeName }: Json) => AttributeName)).toEqual(["dueAt", "failedAt"]);
  });

  test.each(each)("of %s forgets what has expired, and can be taken back in time", (_, of) => {
    const { TimeToLiveSpecification, Replicas } = propertiesOf(of, table);

    expect(TimeToLiveSpecification).toEqual({ AttributeName: "ttl", Enabled: true });
    expect(Replicas[0]?.PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  });

  test("is paid for by the request, unless units are given", () => {
    expect(propertiesOf(prod, table).BillingMode).toBe("PAY_PER_REQUEST");
    const { BillingMode, WriteProvisionedThroughputSettings } = propertiesOf(keyed, table);
    expect(BillingMode).toBe("PROVISIONED");
    expect(WriteProvisionedThroughputSettings).toMatchObject({
      WriteCapacityAutoScalingSettings: { MinCapacity: 10, MaxCapacity: 100 },
    });
  });
});

describe("What is stored", () => {
  const kept = [table, queue, "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"];

  test.each(kept)("outlives the stack in production, and not where it is tried out: %s", (type) => {
    const policies = (of: Template) =>
      new Set(Object.values(resourcesOf(of, type)).map(({ DeletionPolicy }) => DeletionPolicy));

    expect(policies(prod)).toEqual(new Set(["Retain"]));
    expect(policies(dev)).toEqual(new Set(["Delete"]));
  });

  test("is protected from deletion in production only", () => {
    expect(propertiesOf(prod, table).Replicas[0]?.DeletionProtectionEnabled).toBe(true);
    expect(propertiesOf(dev, table).Replicas[0]?.DeletionProtectionEnabled).toBe(false);
  });

  test("is encrypted under the account's own key where there is one", () => {
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

  test("are under the account's own key, all of them, where there is one", () => {
    expect(groups(keyed)).toEqual(logs.map((id) => [id, "Key.Arn"]));
    expect(groups(prod)).toEqual(logs.map((id) => [id, undefined]));
  });

  test("are all that CloudWatch Logs may use that key for, and it needs no more than this", () => {
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

  test("have names that begin with the stack's, by which the key's policy knows them", () => {
    const named = Object.values(resourcesOf(keyed, "AWS::Logs::LogGroup")).filter(
      ({ Properties }) => "LogGroupName" in Properties,
    );

    // CloudFormation makes a name of the stack's, the resource's, and something random.
    expect(named).toEqual([]);
  });
});

describe("The queue", () => {
  test.each(each)("of %s hides a record for six times as long as the worker may take", (_, of) => {
    const { VisibilityTimeout } = propertiesOf(of, queue, "QueuesDeliveries");
    const { Timeout, Environment } = propertiesOf(of, lambda, "WorkerFunction");
    const { Variables } = Environment;

    expect(VisibilityTimeout).toBe(6 * Timeout);
    expect(Variables.POSTRIDER_FUNCTION_TIMEOUT_MS).toBe(String(Timeout * 1000));
    expect(Variables.POSTRIDER_VISIBILITY_MS).toBe(String(VisibilityTimeout * 1000));
  });

  test.each(each)("of %s puts a record aside that came five times", (_, of) => {
    expect(propertiesOf(of, queue, "QueuesDeliveries").RedrivePolicy).toEqual({
      deadLetterTargetArn: "QueuesDeadLetters.Arn",
      maxReceiveCount: 5,
    });
  });

  test.each(each)(
    "of %s is encrypted, keeps records for 14 days and is spoken to by TLS only",
    (_, of) => {
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
    },
  );

  test.each(each)("of %s is read by the worker, in batches of which some may fail", (_, of) => {
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

  test.each(names)("run on Node 24 and ARM, each with a log and a role of its own: %s", (name) => {
    expect(propertiesOf(prod, lambda, `${name}Function`)).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Role: `${name}Role.Arn`,
      LoggingConfig: { LogFormat: "JSON", LogGroup: `${name}Logs` },
    });
    expect(propertiesOf(prod, "AWS::Logs::LogGroup", `${name}Logs`).RetentionInDays).toBe(90);
  });

  test("are given a setting that is not at its default if they know it, and else nothing of it", () => {
    const settings = (name: string) => {
      const variables = propertiesOf(keyed, lambda, `${name}Function`).Environment?.Variables ?? {};
      return ["POSTRIDER_SHARDS", "POSTRIDER_TIMEOUT_MS"].map((setting) => variables[setting]);
    };

    expect(settings("Api")).toEqual(["32", undefined]);
    expect(settings("Worker")).toEqual([undefined, "20000"]);
    expect(settings("Dispatcher")).toEqual(["32", undefined]);
    expect(settings("DeadLetter")).toEqual([undefined, undefined]);
  });

  test.each(each)(
    "of %s start with what they are given, and none of it contradicts itself",
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

  test("have threads for slow name servers in the worker, which alone looks targets up", () => {
    const threads = names.map(
      (name) =>
        propertiesOf(prod, lambda, `${name}Function`).Environment.Variables.UV_THREADPOOL_SIZE,
    );

    expect(threads).toEqual([undefined, String(threadsMin), undefined, undefined]);
  });

  test("may be their own cause only in the worker, which puts retries on the queue it reads", () => {
    const loops = names.map((name) => propertiesOf(prod, lambda, `${name}Function`).RecursiveLoop);

    expect(loops).toEqual([undefined, "Allow", undefined, undefined]);
  });

  test("are deployed without the maps of their code", () => {
    const assets = readdirSync(made.folder).filter((name) => name.startsWith("asset."));

    const deployed = assets.map((asset) => readdirSync(join(made.folder, asset)));

    expect(deployed).toEqual(Array(4).fill(["index.mjs"]));
  });

  test("reserve an execution for each group of the dispatcher where that is configured", () => {
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
  ] as const)("of %s has each shard looked after by exactly one schedule", (_, of, groups) => {
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

  test.each(each)("of %s is run each minute, and a run that fails is not repeated", (_, of) => {
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
  });
});

describe("The endpoint", () => {
  test("of prod is an HTTP API that sends everything to the function, throttled and logged", () => {
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

  test("of prod logs no header and no query, in which a key could be", () => {
    const { Format } = propertiesOf(prod, "AWS::ApiGatewayV2::Stage").AccessLogSettings;

    expect(Object.keys(JSON.parse(Format))).toContain("status");
    expect(Format).not.toMatch(/header|query|authoriz/i);
  });

  test("of dev is a function URL, which anybody may call: the API asks for its own keys", () => {
    const permissions = Object.values(resourcesOf(dev, "AWS::Lambda::Permission"));

    expect(propertiesOf(dev, "AWS::Lambda::Url").AuthType).toBe("NONE");
    expect(permissions.map(({ Properties }) => Properties.Action).sort()).toEqual([
      "lambda:InvokeFunction",
      "lambda:InvokeFunctionUrl",
    ]);
    expect(Object.keys(resourcesOf(dev, "AWS::ApiGatewayV2::Api"))).toEqual([]);
  });

  test("answers under a custom domain only, where there is one", () => {
    expect(propertiesOf(keyed, "AWS::ApiGatewayV2::DomainName").DomainName).toBe(
      "messages.example.com",
    );
    expect(propertiesOf(keyed, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBe(true);
    expect(propertiesOf(prod, "AWS::ApiGatewayV2::Api").DisableExecuteApiEndpoint).toBe(false);
  });
});

describe("The master key", () => {
  test("is drawn by Secrets Manager: 32 bytes in hexadecimal digits, all drawn alike", () => {
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

describe("Checks by others", () => {
  /** What the rules of AWS Solutions find, and why that is so on purpose. */
  const acknowledged: Readonly<Record<string, string>> = {
    "prod AwsSolutions-APIG4 Endpoint/Api/DefaultRoute":
      "The function asks for API keys itself, and for scopes, which an authorizer would do once more.",
    "dev AwsSolutions-SMG4 MasterKey":
      "A master key is put before the old one by a person: what is stored was sealed with the old one.",
    "prod AwsSolutions-SMG4 MasterKey": "As in dev.",
    "keyed AwsSolutions-SMG4 MasterKey": "As in dev.",
    "keyed AwsSolutions-APIG4 Endpoint/Api/DefaultRoute": "As in prod.",
  };

  test("find nothing but what is acknowledged, and all of that", () => {
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

  test("stop a template that CloudFormation would refuse", () => {
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

test("the days that a log group may be kept are those of CloudWatch", () => {
  expect(retentionDays).toEqual(
    Object.values(RetentionDays).filter((days) => typeof days === "number"),
  );
});

describe("The stage's tag", () => {
  /** What takes tags by CloudFormation's schemas; of a table it is the replica that has them. */
  const taggable = [
    ...["ApiGatewayV2::Api", "ApiGatewayV2::DomainName", "ApiGatewayV2::Stage"],
    ...["CloudWatch::Alarm", "IAM::Role", "KMS::Key", "Lambda::EventSourceMapping"],
    ...["Lambda::Function", "Logs::LogGroup", "SNS::Topic", "SQS::Queue", "SecretsManager::Secret"],
  ].map((type) => `AWS::${type}`);

  test.each(each)("is on whatever of %s takes tags, and on nothing else", (_, { Resources }) => {
    const types = (tagged: boolean) =>
      new Set(
        Object.values(Resources)
          .filter(({ Properties }) => (Properties?.Tags !== undefined) === tagged)
          .map(({ Type }) => Type),
      );

    expect([...types(true)].filter((type) => !taggable.includes(type))).toEqual([]);
    expect([...types(false)].filter((type) => taggable.includes(type))).toEqual([]);
  });
});

describe("The template", () => {
  test("is the same bytes each time", () => {
    expect(synthesize([keyedStage], made.code).texts[0]).toBe(made.texts[2]);
  });

  // If this fails on purpose: npm test -- test/stacks -u, and read what changes.
  // Other tests read the templates there.
  test.each(each)("of %s has not changed", (_, template) => {
    const text = JSON.stringify(template, undefined, 1).replace(/[0-9a-f]{64}\.zip/g, "<code>.zip");

    // As text, which those tests can read again.
    expect(text).toMatchSnapshot();
  });
});
