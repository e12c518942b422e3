/** What is monitored, compared with what the code really publishes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { type Count, type Duration, embeddedMetrics } from "../../adapters/metrics.ts";
import { metricsNamespaceIn } from "../../adapters/metrics-namespace.ts";
import { standing } from "../../docs/render/cost.ts";
import {
  type Json,
  plain,
  propertiesOf,
  resourcesOf,
  type Template,
  templateOf,
} from "./resources.ts";

const [dev, prod, keyed] = [templateOf("dev"), templateOf("prod"), templateOf("keyed")];

type Published = { readonly namespace: string; readonly service: string; readonly name: string };

const isOurs = (namespace: unknown): boolean =>
  typeof namespace === "string" && !namespace.startsWith("AWS/");

/** The metrics of our own namespaces that alarms and dashboard of a template read. */
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

/** The metrics that a folder or file of the handlers publishes, by the names in its source. */
const counted = (path: string): readonly string[] => {
  const root = join(import.meta.dirname, "../../handlers");
  const files = path.endsWith(".ts")
    ? [path]
    : readdirSync(join(root, path), { recursive: true, encoding: "utf8" }).map((file) =>
        join(path, file),
      );
  return files
    .filter((file) => file.endsWith(".ts"))
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

  test.each(Object.entries(folders))(
    "alarms and dashboard show every metric of %s that its code publishes, and no others",
    (name, path) => {
      const read = mentioned(prod).filter((each) => each.service === name);

      expect(read.length).toBeGreaterThan(0);
      expect([...new Set(read.map((each) => each.name))].sort()).toEqual(
        [...new Set(counted(path))].sort(),
      );
    },
  );

  test.each(["api", "worker", "dispatcher", "dead-letter"])(
    "the function %s publishes under its own name",
    (name) => {
      const source = readFileSync(
        join(import.meta.dirname, "../../handlers/lambda", `${name}.ts`),
        "utf8",
      );

      expect(source).toMatch(new RegExp(`(outsideOf|embeddedMetrics)\\("${name}"`));
    },
  );

  test("alarms and dashboard show metrics of no other function", () => {
    expect(new Set(mentioned(prod).map(({ service }) => service))).toEqual(
      new Set(Object.keys(folders)),
    );
  });

  test("two stages in one account have no metric in common", () => {
    const of = (template: Template) =>
      new Set(mentioned(template).map((each) => Object.values(each).join(" ")));
    const [ofDev, ofProd] = [of(dev), of(prod)];

    expect([ofDev.size, ofProd.size]).toEqual([standing.ownMetrics, standing.ownMetrics]);
    expect([...ofDev].filter((each) => ofProd.has(each))).toEqual([]);
  });

  test.each([
    ["dev", dev],
    ["prod", prod],
  ])(
    "the functions of %s publish in the namespace that its alarms and dashboard read",
    (stage, template) => {
      const told = Object.values(resourcesOf(template, "AWS::Lambda::Function")).map(
        ({ Properties }) => metricsNamespaceIn(Properties.Environment.Variables),
      );

      expect(told).toEqual(Array(4).fill(`Postrider/${stage}`));
      expect(new Set(mentioned(template).map(({ namespace }) => namespace))).toEqual(new Set(told));
    },
  );

  test("metrics are published with the namespace and the dimension that the alarms read", () => {
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
    expect(Metrics.map(({ Name }: Json) => Name)).toEqual(["LeasesReleased", "OldestDueAge"]);
  });
});

describe("Alarms", () => {
  const alarms = Object.fromEntries(
    Object.entries(resourcesOf(prod, "AWS::CloudWatch::Alarm")).map(([id, alarm]) => [
      id.replace("Monitoring", ""),
      alarm,
    ]),
  );

  test("there are exactly these alarms", () => {
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

  test("there are as many metrics as the page on cost counts", () => {
    const asked = Object.values(alarms).map(
      ({ Properties: { Metrics } }) =>
        Metrics?.filter(({ MetricStat }: Json) => MetricStat).length ?? 1,
    );
    const own = mentioned(prod).map(({ service, name }) => `${service} ${name}`);

    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(standing.alarmMetrics);
    expect(new Set(own).size).toBe(standing.ownMetrics);
  });

  test.each(Object.entries(alarms))(
    "%s notifies the topic and describes what is wrong",
    (_, alarm) => {
      const { AlarmActions, OKActions, AlarmDescription } = plain(alarm.Properties);

      expect(AlarmActions).toEqual(["MonitoringTopic"]);
      expect(OKActions).toEqual(["MonitoringTopic"]);
      expect(AlarmDescription).toMatch(/^[A-Z0-9].{40,}\.$/);
    },
  );

  test("missing data sets off DispatcherIsSilent and no other alarm", () => {
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

  test("the thresholds are those of the stage", () => {
    expect(alarms["QueueIsBehind"]?.Properties.Threshold).toBe(20 * 60);
    expect(alarms["DispatcherIsBehind"]?.Properties.Threshold).toBe(10 * 60_000);
    expect(alarms["AttemptsFail"]?.Properties.Threshold).toBe(50);
    expect(alarms["MessagesFail"]?.Properties.Threshold).toBe(10);
  });

  test("the endpoint alarm reads 5xx of the HTTP API in prod and of the function URL in dev", () => {
    const metricOf = (template: Template) =>
      propertiesOf(template, "AWS::CloudWatch::Alarm", "MonitoringEndpointFails").MetricName;

    expect(metricOf(prod)).toBe("5xx");
    expect(metricOf(dev)).toBe("Url5xxCount");
  });
});

describe("The topic of the alarms", () => {
  // The policy of a topic replaces the one that would let CloudWatch in, and the key that AWS
  // manages for SNS lets nobody in: without either of these, alarms go off and nobody is told.
  test("only alarms of this account may publish, and only over TLS", () => {
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

  test("the topic is encrypted with a key that alarms of this account may use", () => {
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

  test("the topic sends e-mail to the configured address, and to nobody else", () => {
    expect(propertiesOf(keyed, "AWS::SNS::Subscription")).toMatchObject({
      Protocol: "email",
      Endpoint: "night@example.com",
    });
    expect(resourcesOf(prod, "AWS::SNS::Subscription")).toEqual({});
  });
});
