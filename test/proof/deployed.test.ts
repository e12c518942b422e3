/**
 * The templates, deployed to an emulated AWS: whether what they refer to is there, and whether a message
 * goes through the table and the queue that come of them. What the emulator cannot make is listed. Of a
 * table it makes no time to live.
 */
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { guardedPost } from "../../adapters/http.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { scopes } from "../../domain/api-key.ts";
import { tableDescription } from "../../entities/table.ts";
import { compose } from "../../handlers/compose.ts";
import { enrolNew } from "../../handlers/enrol.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { targetPolicyOf } from "../../handlers/target-policy.ts";
import { type Json, type Template, templateOf } from "../stacks/resources.ts";
import { describeWithMoto, emulable, type Moto, motoClient, startMoto } from "../support/moto.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, masterKey, options, sqsRecord } from "../support/service.ts";

/** The bucket of `cdk bootstrap` and the one key by which the snapshot of a template names all code. */
const bucket = "cdk-hnb659fds-assets-123456789012-us-east-1";
const code = "<code>.zip";
/** An archive with nothing in it (APPNOTE.TXT, 4.3.16). */
const emptyZip = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);

const physicalIds = (xml: string): Readonly<Record<string, string>> => {
  const members = xml.split("<member>").slice(1);
  const textOf = (member: string, name: string): string =>
    new RegExp(`<${name}>([^<]*)<`).exec(member)?.[1] ?? "";
  return Object.fromEntries(
    members.map((member) => [
      textOf(member, "LogicalResourceId").replace(/[0-9A-F]{8}$/, ""),
      textOf(member, "PhysicalResourceId"),
    ]),
  );
};

describeWithMoto("Deployed to an emulated AWS,", () => {
  let moto: Moto;
  const deploy = async (name: string, template: Template) => {
    const TemplateBody = JSON.stringify(template);
    await moto.query("cloudformation", "CreateStack", { StackName: name, TemplateBody });
    const found = await moto.query("cloudformation", "DescribeStacks", { StackName: name });
    expect(/<StackStatus>(\w+)</.exec(found)?.[1]).toBe("CREATE_COMPLETE");
    return physicalIds(
      await moto.query("cloudformation", "DescribeStackResources", { StackName: name }),
    );
  };
  beforeAll(async () => {
    moto = await startMoto();
    await moto.call("s3", `/${bucket}`, { method: "PUT" });
    const body = emptyZip;
    await moto.call("s3", `/${bucket}/${encodeURIComponent(code)}`, { method: "PUT", body });
  });
  afterAll(() => moto.stop());

  test.each([
    [
      "dev",
      [
        ...["AWS::CloudWatch::Alarm", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Url"],
        ...["AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::Scheduler::Schedule"],
        "AWS::SecretsManager::Secret",
      ],
    ],
    [
      "keyed",
      [
        ...["Api", "ApiMapping", "DomainName", "Integration", "Route", "Stage"].map(
          (type) => `AWS::ApiGatewayV2::${type}`,
        ),
        ...["AWS::CloudWatch::Alarm", "AWS::Lambda::EventInvokeConfig"],
        ...["AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"],
        ...["AWS::Scheduler::Schedule", "AWS::SecretsManager::Secret"],
      ],
    ],
  ] as const)("everything of %s is created, but for these types", async (name, types) => {
    const { template, leftOut } = emulable(templateOf(name));

    const made = await deploy(`whole-${name}`, template);

    expect(leftOut).toEqual(types);
    expect(Object.keys(made)).toHaveLength(Object.keys(template.Resources).length);
  });

  test("table, queues and sources are as the template has them, by what it refers to", async () => {
    const made = await deploy("read", emulable(templateOf("prod")).template);
    const dynamodb = new DynamoDBClient(motoClient(moto.endpoint));
    const sqs = new SQSClient(motoClient(moto.endpoint));
    const attributesOf = async (QueueUrl: string | undefined) => {
      const asked = { QueueUrl, AttributeNames: ["All" as const] };
      return (await sqs.send(new GetQueueAttributesCommand(asked))).Attributes ?? {};
    };

    const TableName = made["Table"];
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const [deliveries, deadLetters] = await Promise.all([
      attributesOf(made["QueuesDeliveries"]),
      attributesOf(made["QueuesDeadLetters"]),
    ]);
    const sources = JSON.parse(await moto.call("lambda", "/2015-03-31/event-source-mappings/"));

    const indexes = Object.fromEntries(
      (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName = "", KeySchema = [] }) => {
        const [pk, sk] = KeySchema.map(({ AttributeName }) => AttributeName);
        return [IndexName, { pk, sk }];
      }),
    );
    expect(indexes).toEqual(
      Object.fromEntries(
        Object.entries(tableDescription.indexes).map(([index, { pk, sk }]) => [index, { pk, sk }]),
      ),
    );
    expect(deliveries["VisibilityTimeout"]).toBe("360");
    expect(JSON.parse(deliveries["RedrivePolicy"] ?? "")).toEqual({
      ...{ deadLetterTargetArn: deadLetters["QueueArn"], maxReceiveCount: 5 },
    });
    const ofThisStack = sources.EventSourceMappings.filter(({ EventSourceArn }: Json) =>
      [deliveries["QueueArn"], deadLetters["QueueArn"]].includes(EventSourceArn),
    );
    const functions = ofThisStack.map(({ EventSourceArn, FunctionArn, BatchSize }: Json) => [
      ...[EventSourceArn, FunctionArn.split(":").at(-1), BatchSize],
    ]);
    expect(functions).toHaveLength(2);
    expect(functions).toEqual(
      expect.arrayContaining([
        [deliveries["QueueArn"], made["WorkerFunction"], 10],
        [deadLetters["QueueArn"], made["DeadLetterFunction"], 10],
      ]),
    );
  });

  test("a message goes through the table and the queue of the stack, and is COMPLETED", async () => {
    const made = await deploy("used", emulable(templateOf("dev")).template);
    const receiver = await openReceiver();
    const sqs = new SQSClient(motoClient(moto.endpoint));
    const storage = {
      client: new DynamoDBClient(motoClient(moto.endpoint)),
      table: made["Table"] ?? "",
    };
    const QueueUrl = made["QueuesDeliveries"] ?? "";
    const vault = masterKeyVault([masterKey]);
    const clock = () => Date.now();
    const handlers = compose(
      {
        ...{ storage, vault, metrics: noMetrics, queue: sqsQueue(sqs, QueueUrl) },
        post: guardedPost({ policy: targetPolicyOf(options), clock }),
        log: { line: () => {}, failure: (_, error) => expect(error).toBeUndefined() },
      },
      options,
    );
    const asked = { senderId: "shop", scopes, label: "test" };
    const { apiKey } = await enrolNew({ ...registryOf(storage), vault, clock }, asked);
    const ask = (path: string, init: RequestInit = {}) =>
      handlers.api().request(path, {
        ...init,
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      });
    const timestamp = new Date().toISOString();
    const body = JSON.stringify(aRequest({ timestamp, targetUrl: `${receiver.url}/hook` }));

    const submitted = await ask("/v1/messages", { method: "POST", body });
    const { Messages: [received] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const handled = await handlers.worker()(
      { Records: [sqsRecord(received?.Body ?? "")] },
      { getRemainingTimeInMillis: () => 60_000 },
    );
    const { ReceiptHandle } = received ?? {};
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

    const shown = (await (await ask("/v1/messages/order-1")).json()) as Json;
    expect(submitted.status).toBe(202);
    expect(handled).toEqual({ batchItemFailures: [] });
    expect(receiver.seen).toHaveLength(1);
    expect(shown).toMatchObject({ status: "COMPLETED", attempts: 1 });
    receiver.close();
  });
});
