/** What each role may do, compared with what the code of its function really does. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jobsOn } from "../support/jobs.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, useService } from "../support/service.ts";
import { type Json, propertiesOf, resourcesOf, type Template, templateOf } from "./resources.ts";

const [prod, keyed] = [templateOf("prod"), templateOf("keyed")];

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

describe("The statements of each role are exactly these:", () => {
  const exactly: Readonly<Record<string, readonly string[]>> = {
    ApiRole: [
      "Allow dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on Table.Arn",
      "Allow dynamodb:Query on Table.Arn/index/bySender Table.Arn/index/due Table.Arn/index/failed",
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
      "Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on Table.Arn",
      "Allow dynamodb:Query on Table.Arn/index/bySender Table.Arn/index/due Table.Arn/index/failed",
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

  test("there is no other role, and no other policy", () => {
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
  ])("with a customer key, %s may use it through the services that it calls", (role, more) => {
    const grants = grantsOf(keyed, role);

    expect(grants.filter((grant) => !exactly[role]?.includes(grant))).toEqual(more);
    expect(grants).toEqual(expect.arrayContaining([...(exactly[role] ?? [])]));
  });

  test.each([
    ["prod", prod],
    ["keyed", keyed],
  ])("no statement of %s has a * in its action or resource", (_, template) => {
    const text = Object.values(resourcesOf(template, "AWS::IAM::Role"))
      .flatMap(({ Properties }) => Properties.Policies)
      .map((policy) => JSON.stringify(policy))
      .join();

    expect(text).not.toContain("*");
  });
});

describe("The calls that the code makes to table and queue", () => {
  const service = useService();
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let status = 200;
  const done = { Api: new Set<string>(), Worker: new Set<string>(), Dispatcher: new Set<string>() };
  const queried = {
    Api: new Set<string>(),
    Worker: new Set<string>(),
    Dispatcher: new Set<string>(),
  };

  /** Runs something of a function, and writes down the calls that it makes. */
  const as = async <Result>(name: keyof typeof done, act: () => Promise<Result>) => {
    const before = service.faults.calls.length;
    const queries = service.faults.inputs("Query").length;
    const result = await act();
    for (const call of service.faults.calls.slice(before)) done[name].add(call);
    for (const { IndexName = "the table" } of service.faults.inputs("Query").slice(queries))
      queried[name].add(String(IndexName));
    return result;
  };
  const submit = (messageId: string, more: object = {}) =>
    as("Api", () =>
      service.submit(aRequest({ messageId, targetUrl: `${receiver.url}/hook`, ...more })),
    );
  const work = (messageId: string) =>
    as("Worker", () => service.work(...service.recordsOf(messageId)));

  beforeAll(async () => {
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
    for (const query of ["messages", "messages?status=unfinished", "failures?by=target"])
      await as("Api", () => service.request(`/v1/${query}`));
    await as("Api", () => service.request("/v1/messages/large", { method: "DELETE" }));
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

    await submit("again", { timestamp: new Date(service.now()).toISOString() });
    await as("Api", () => service.request("/v1/messages/again/cancel", { method: "POST" }));
    service.advance(1000);
    const jobs = jobsOn(service);
    for (const asked of [
      { action: "replay", filter: { status: "CANCELLED" }, canary: false },
      { action: "replay", filter: {} },
      { action: "cancel", filter: {} },
    ])
      await as("Api", () => jobs.post("/v1/jobs", asked));
    for (let runs = 0; runs < 3; runs += 1) {
      await as("Dispatcher", service.dispatch);
      service.advance(60_000);
    }
  });
  afterAll(() => receiver.close());

  const iam: Readonly<Record<string, string>> = {
    SendMessage: "sqs:SendMessage",
    SendMessageBatch: "sqs:SendMessage",
  };

  test.each(["Api", "Worker", "Dispatcher"] as const)(
    "%s is granted what it calls, and nothing else",
    (name) => {
      const used = [...done[name]].map((call) => iam[call] ?? `dynamodb:${call}`);
      const granted = grantsOf(prod, `${name}Role`).flatMap((grant) =>
        grant.split(" ").filter((word) => /^(dynamodb:|sqs:Send)/.test(word)),
      );

      expect([...new Set(used)].sort()).toEqual([...new Set(granted)].sort());
    },
  );

  test("the dispatcher and the API query each index, the worker none", () => {
    const indexes = (name: keyof typeof done) => [...queried[name]].sort();

    expect(indexes("Dispatcher")).toEqual(["bySender", "due", "failed", "the table"]);
    expect(indexes("Api")).toEqual(["bySender", "due", "failed", "the table"]);
    expect(indexes("Worker")).toEqual([]);
  });
});
