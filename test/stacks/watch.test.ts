/** What the functions may do, and what is watched: both compared with what the code really does. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import {
  type Count,
  type Duration,
  embeddedMetrics,
  metricsNamespaceIn,
} from "../../adapters/metrics.ts";
import { standing } from "../../docs/render/cost.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, type Service } from "../support/service.ts";
import {
  type Json,
  plain,
  propertiesOf,
  resourcesOf,
  type Template,
  templateOf,
} from "./resources.ts";

const [dev, prod, keyed] = [templateOf("dev"), templateOf("prod"), templateOf("keyed")];

/** The statements of a role, a line each: what may be done to what. */
const grantsOf = (template: Template, role: string): readonly string[] => {
  const { Policies, ManagedPolicyArns } = propertiesOf(template, "AWS::IAM::Role", role);
  expect(ManagedPolicyArns).toBeUndefined();
  return Policies.flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement).map(
    ({ Effect, Action, Resource, Condition }: Json) =>
      [
        Effect,
        [Action].flat().join(" "),
        "on",
        [Resource].flat().join(" "),
        ...(Condition ? ["if", JSON.stringify(Condition)] : []),
      ].join(" "),
  );
};

const logsOf = (name: string) =>
  // The one wildcard that there is: the ARN of a log group ends in `:*`, which means its streams.
  `Allow logs:CreateLogStream logs:PutLogEvents on ${name}Logs.Arn`;
const send = "Allow sqs:SendMessage on QueuesDeliveries.Arn";
const masterKey = "Allow secretsmanager:GetSecretValue on MasterKey";

describe("The grants of a role are exactly what its code needs:", () => {
  const exactly: Readonly<Record<string, readonly string[]>> = {
    ApiRole: [
      "Allow dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on Table.Arn",
      send,
      masterKey,
      logsOf("Api"),
    ],
    WorkerRole: [
      "Allow dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on Table.Arn",
      send,
      "Allow sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on QueuesDeliveries.Arn",
      masterKey,
      logsOf("Worker"),
    ],
    DispatcherRole: [
      "Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:UpdateItem on Table.Arn",
      "Allow dynamodb:Query on Table.Arn/index/due",
      send,
      logsOf("Dispatcher"),
    ],
    DeadLetterRole: [
      "Allow sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on QueuesDeadLetters.Arn",
      logsOf("DeadLetter"),
    ],
    DispatcherScheduleRole: ["Allow lambda:InvokeFunction on DispatcherFunction.Arn"],
  };

  test.each(Object.entries(exactly))("%s", (role, grants) => {
    expect(grantsOf(prod, role)).toEqual(grants);
  });

  test("and there is no other role and no other policy of one", () => {
    expect(Object.keys(resourcesOf(prod, "AWS::IAM::Role")).sort()).toEqual(
      Object.keys(exactly).sort(),
    );
    for (const type of ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"])
      expect(resourcesOf(prod, type)).toEqual({});
  });

  const via = (service: string) =>
    `if {"StringEquals":{"kms:ViaService":"${service}.us-east-1.amazonaws.com"}}`;
  const tableKey = `Allow kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo on Key.Arn ${via("dynamodb")}`;
  const sendKey = `Allow kms:Decrypt kms:GenerateDataKey on Key.Arn ${via("sqs")}`;
  const secretKey = `Allow kms:Decrypt on Key.Arn ${via("secretsmanager")}`;

  test.each([
    ["ApiRole", [tableKey, sendKey, secretKey]],
    ["WorkerRole", [tableKey, sendKey, secretKey]],
    ["DispatcherRole", [tableKey, sendKey]],
    ["DeadLetterRole", [`Allow kms:Decrypt on Key.Arn ${via("sqs")}`]],
    ["DispatcherScheduleRole", []],
  ])("with a key of the account's own, its use by way of a service too: %s", (role, more) => {
    const grants = grantsOf(keyed, role);

    expect(grants.filter((grant) => !exactly[role]?.includes(grant))).toEqual(more);
    expect(grants).toEqual(expect.arrayContaining([...(exactly[role] ?? [])]));
  });

  test.each([
    ["prod", prod],
    ["keyed", keyed],
  ])("and no statement of %s says * to an action or a resource", (_, template) => {
    const text = Object.values(resourcesOf(template, "AWS::IAM::Role"))
      .flatMap(({ Properties }) => Properties.Policies)
      .map((policy) => JSON.stringify(policy))
      .join();

    expect(text).not.toContain("*");
  });
});

describe("What the code does with table and queue", () => {
  let service: Service;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let status = 200;
  const done = { Api: new Set<string>(), Worker: new Set<string>(), Dispatcher: new Set<string>() };

  /** Runs something of a function, and writes down the calls that it makes. */
  const as = async <Result>(name: keyof typeof done, act: () => Promise<Result>) => {
    const before = service.faults.calls.length;
    const result = await act();
    for (const call of service.faults.calls.slice(before)) done[name].add(call);
    return result;
  };
  const submit = (messageId: string, more: object = {}) =>
    as("Api", () =>
      service.submit(aRequest({ messageId, targetUrl: `${receiver.url}/hook`, ...more })),
    );
  const work = (messageId: string) =>
    as("Worker", () => service.work(...service.recordsOf(messageId)));

  beforeAll(async () => {
    service = await openService();
    receiver = await openReceiver(() => ({ status }));

    await submit("small");
    await submit("small");
    await submit("large", { body: "x".repeat(2000) });
    await as("Api", () => service.request("/v1/messages/large"));
    await work("large");
    await work("large");
    status = 500;
    await work("small");
    await as("Api", () => service.request("/v1/messages/small/attempts"));
    await submit("lost");
    await submit("far", { deliverAt: "2026-03-01T13:00:00.000Z" });
    await service.purge();
    service.advance(3_600_000);
    await as("Dispatcher", service.dispatch);
    service.advance(3_600_000);
    // Somebody else is faster: what became of the message is looked up.
    const messages = await Promise.all(["small", "lost", "far"].map((id) => service.get(id)));
    service.faults.before("UpdateItem", () =>
      Promise.all(
        messages.map((seen) => seen && service.messages.cancel(seen, { now: service.now() })),
      ),
    );
    await as("Dispatcher", service.dispatch);
  });
  afterAll(async () => {
    receiver.close();
    await service.close();
  });

  const iam: Readonly<Record<string, string>> = {
    SendMessage: "sqs:SendMessage",
    SendMessageBatch: "sqs:SendMessage",
  };

  test.each(["Api", "Worker", "Dispatcher"] as const)("is what %s is granted", (name) => {
    const used = [...done[name]].map((call) => iam[call] ?? `dynamodb:${call}`);
    const granted = grantsOf(prod, `${name}Role`).flatMap((grant) =>
      grant.split(" ").filter((word) => /^(dynamodb:|sqs:Send)/.test(word)),
    );

    expect([...new Set(used)].sort()).toEqual([...new Set(granted)].sort());
  });

  test("asks the due index in the dispatcher, and no index elsewhere", () => {
    const indexes = service.faults.inputs("Query").map(({ IndexName }) => IndexName);

    expect(new Set(indexes)).toEqual(new Set([undefined, "due"]));
    expect(done.Worker).not.toContain("Query");
  });
});

type Published = { readonly namespace: string; readonly service: string; readonly name: string };

const isOurs = (namespace: unknown): boolean =>
  typeof namespace === "string" && !namespace.startsWith("AWS/");

/** The metrics of ours that a template mentions, in alarms or on the dashboard. */
const mentioned = (template: Template): readonly Published[] => {
  const alarms = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm"));
  const ofAlarms = alarms
    .flatMap(({ Properties }) => [
      Properties,
      ...(Properties.Metrics ?? []).map(({ MetricStat }: Json) => MetricStat?.Metric ?? {}),
    ])
    .filter(({ Namespace }) => isOurs(Namespace))
    .map(({ Namespace, MetricName, Dimensions }) => ({
      namespace: Namespace,
      service: Dimensions.find(({ Name }: Json) => Name === "service").Value,
      name: MetricName,
    }));
  const { DashboardBody } = propertiesOf(template, "AWS::CloudWatch::Dashboard");
  const ofDashboard = JSON.parse(DashboardBody)
    .widgets.flatMap(({ properties }: Json) => properties.metrics ?? [])
    .filter(([namespace]: Json) => isOurs(namespace))
    .map(([namespace, name, dimension, service]: Json) => {
      expect(dimension).toBe("service");
      return { namespace, service, name };
    });
  return [...ofAlarms, ...ofDashboard];
};

/** The metrics that a folder or file of the handlers counts, by the names in its source. */
const counted = (path: string): readonly string[] => {
  const root = join(import.meta.dirname, "../../handlers");
  const files = path.endsWith(".ts")
    ? [path]
    : readdirSync(join(root, path)).map((file) => join(path, file));
  return files
    .map((file) => readFileSync(join(root, file), "utf8"))
    .flatMap((source) => [...source.matchAll(/metrics\.(?:count|milliseconds)\(([^;]+?)\);/g)])
    .flatMap(([, args = ""]) => [...args.matchAll(/"([A-Z]\w+)"/g)].map(([, name = ""]) => name));
};

describe("Metrics", () => {
  const folders = {
    "postrider-api": "api",
    "postrider-worker": "worker",
    "postrider-dispatcher": "dispatcher",
    "postrider-dead-letter": "dead-letter.ts",
  };

  test.each(Object.entries(folders))("that are watched of %s are counted there", (name, path) => {
    const watched = mentioned(prod).filter((each) => each.service === name);

    expect(watched.length).toBeGreaterThan(0);
    expect([...new Set(watched.map((each) => each.name))].sort()).toEqual(
      [...new Set(counted(path))].sort(),
    );
  });

  test.each(["api", "worker", "dispatcher", "dead-letter"])("of %s bear its name", (name) => {
    const source = readFileSync(
      join(import.meta.dirname, "../../handlers/lambda", `${name}.ts`),
      "utf8",
    );

    expect(source).toMatch(new RegExp(`(outsideOf|embeddedMetrics)\\("${name}"`));
  });

  test("that are watched are of no other function", () => {
    expect(new Set(mentioned(prod).map(({ service }) => service))).toEqual(
      new Set(Object.keys(folders)),
    );
  });

  test("of two stages in one region of one account have none in common", () => {
    const of = (template: Template) =>
      new Set(mentioned(template).map((each) => Object.values(each).join(" ")));
    const [ofDev, ofProd] = [of(dev), of(prod)];

    expect([ofDev.size, ofProd.size]).toEqual([standing.ownMetrics, standing.ownMetrics]);
    expect([...ofDev].filter((each) => ofProd.has(each))).toEqual([]);
  });

  test.each([
    ["dev", dev],
    ["prod", prod],
  ])("of %s are asked for where its functions are told to publish them", (stage, template) => {
    const told = Object.values(resourcesOf(template, "AWS::Lambda::Function")).map(
      ({ Properties }) => metricsNamespaceIn(Properties.Environment.Variables),
    );

    expect(told).toEqual(Array(4).fill(`Postrider/${stage}`));
    expect(new Set(mentioned(template).map(({ namespace }) => namespace))).toEqual(new Set(told));
  });

  test("are published under the namespace and the dimension that the alarms ask for", () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    const { Environment } = propertiesOf(prod, "AWS::Lambda::Function", "DispatcherFunction");
    const metrics = embeddedMetrics("dispatcher", metricsNamespaceIn(Environment.Variables));
    metrics.milliseconds("OldestDueAge" satisfies Duration, 1);
    metrics.count("LeasesReleased" satisfies Count);
    metrics.flush();
    write.mockRestore();

    const published = JSON.parse(lines.join(""));
    const [{ Namespace, Dimensions, Metrics }] = published._aws.CloudWatchMetrics;
    const { Namespace: asked, Dimensions: by } = propertiesOf(
      prod,
      "AWS::CloudWatch::Alarm",
      "MonitoringDispatcherIsBehind",
    );
    expect(Namespace).toBe(asked);
    expect(Dimensions).toEqual([by.map(({ Name }: Json) => Name)]);
    expect(by).toEqual([{ Name: "service", Value: published.service }]);
    expect(Metrics.map(({ Name }: Json) => Name)).toEqual(["OldestDueAge", "LeasesReleased"]);
  });
});

describe("Alarms", () => {
  const alarms = Object.fromEntries(
    Object.entries(resourcesOf(prod, "AWS::CloudWatch::Alarm")).map(([id, alarm]) => [
      id.replace("Monitoring", ""),
      alarm,
    ]),
  );

  test("are these", () => {
    expect(Object.keys(alarms).sort()).toEqual(
      [
        ...["ApiFails", "WorkerFails", "DispatcherFails", "DeadLetterFails"],
        ...["AttemptsFail", "MessagesFail", "EndpointFails", "FunctionsAreThrottled"],
        ...["DeadLettersCame", "DeadLettersStay", "QueueIsBehind"],
        ...["DispatcherIsBehind", "DispatcherIsSilent", "MessagesQuarantined"],
        ...["TableFails", "TableIsThrottled"],
      ].sort(),
    );
  });

  test("and own metrics are as many as the page on cost says", () => {
    const asked = Object.values(alarms).map(
      ({ Properties: { Metrics } }) =>
        Metrics?.filter(({ MetricStat }: Json) => MetricStat).length ?? 1,
    );
    const own = mentioned(prod).map(({ service, name }) => `${service} ${name}`);

    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(standing.alarmMetrics);
    expect(new Set(own).size).toBe(standing.ownMetrics);
  });

  test.each(Object.entries(alarms))("tell somebody, and say what it means: %s", (_, alarm) => {
    const { AlarmActions, OKActions, AlarmDescription } = plain(alarm.Properties);

    expect(AlarmActions).toEqual(["MonitoringTopic"]);
    expect(OKActions).toEqual(["MonitoringTopic"]);
    expect(AlarmDescription).toMatch(/^[A-Z0-9].{40,}\.$/);
  });

  test("take silence for a fault of the dispatcher, and of nothing else", () => {
    const breaching = Object.entries(alarms)
      .filter(([, { Properties }]) => Properties.TreatMissingData === "breaching")
      .map(([id]) => id);

    expect(breaching).toEqual(["DispatcherIsSilent"]);
    expect(alarms["DispatcherIsSilent"]?.Properties).toMatchObject({
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      Period: 300,
    });
  });

  test("come at the thresholds of the configuration", () => {
    expect(alarms["QueueIsBehind"]?.Properties.Threshold).toBe(20 * 60);
    expect(alarms["DispatcherIsBehind"]?.Properties.Threshold).toBe(10 * 60_000);
    expect(alarms["AttemptsFail"]?.Properties.Threshold).toBe(50);
    expect(alarms["MessagesFail"]?.Properties.Threshold).toBe(10);
  });

  test("of prod ask the HTTP API for faults, those of dev the function URL", () => {
    const metricOf = (template: Template) =>
      propertiesOf(template, "AWS::CloudWatch::Alarm", "MonitoringEndpointFails").MetricName;

    expect(metricOf(prod)).toBe("5xx");
    expect(metricOf(dev)).toBe("Url5xxCount");
  });
});

describe("The topic of the alarms", () => {
  // The policy of a topic replaces the one that would let CloudWatch in, and the key that AWS
  // manages for SNS lets nobody in: without either of these, alarms go off and nobody is told.
  test("lets alarms of this account publish, over TLS only", () => {
    const { PolicyDocument } = propertiesOf(prod, "AWS::SNS::TopicPolicy");

    expect(PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Action: "sns:Publish",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      expect.objectContaining({
        Effect: "Allow",
        Action: "sns:Publish",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Resource: "MonitoringTopic",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
    ]);
  });

  test("is encrypted under a key that alarms of this account may use", () => {
    const { KeyPolicy } = propertiesOf(prod, "AWS::KMS::Key", "MonitoringKey");

    expect(propertiesOf(prod, "AWS::SNS::Topic").KmsMasterKeyId).toBe("MonitoringKey.Arn");
    expect(KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
    );
  });

  test("sends letters to whoever is configured, and to nobody else", () => {
    expect(propertiesOf(keyed, "AWS::SNS::Subscription")).toMatchObject({
      Protocol: "email",
      Endpoint: "night@example.com",
    });
    expect(resourcesOf(prod, "AWS::SNS::Subscription")).toEqual({});
  });
});
