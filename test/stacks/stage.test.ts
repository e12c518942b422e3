import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseStage, readStages } from "../../stacks/read-stages.ts";
import { shardGroups } from "../../stacks/shard-groups.ts";
import { dev, prod } from "./resources.ts";

const place = { account: "123456789012", region: "us-east-1" };
const http = { kind: "http-api" } as const;
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd";
const domain = { name: "messages.example.com", certificateArn };
const faultsOf = (given: object): readonly string[] =>
  parseStage("dev", { ...place, ...given }).faults;

test("A stage that says only where it goes is what the example of production is", () => {
  const { stages } = parseStage("prod", place);

  expect(stages).toEqual([prod]);
});

test("What the guide on tracing puts into a stage is no fault", () => {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/guides/tracing.md"), "utf8");
  const [, json = ""] = /```json\n(.+?)```/s.exec(guide) ?? [];

  expect(parseStage("dev", { ...place, ...JSON.parse(json) })).toMatchObject({
    stages: [{ tracing: { sampleRatio: 0.1 } }],
    faults: [],
  });
});

test("A stage keeps its data unless its file says otherwise", () => {
  expect([dev.retainData, prod.retainData]).toEqual([false, true]);
});

describe("A fault names the member and what is right:", () => {
  const units = { min: 1, max: 5 };
  const provisioned = { mode: "provisioned", readUnits: units, writeUnits: units };

  test.each<[string, object, string]>([
    ["an account", { account: "12345" }, "account must be the 12 digits of an AWS account"],
    ["no account", { account: undefined }, "account is required"],
    ["a region", { region: "europe" }, "region must be a region such as us-east-1"],
    ["a member", { entrance: {} }, "entrance is not a member of a stage"],
    ["a member of a member", { worker: { batch: 1 } }, "worker.batch is not a member of a stage"],
    ["a text for a number", { api: { memoryMb: "512" } }, "api.memoryMb must be a number"],
    ["billing", { billing: { mode: "free" } }, "billing.mode must be on-demand or provisioned"],
    ["a text for a yes", { listAll: "no" }, "listAll must be a boolean"],
    [
      "a setting that is the stage's own",
      { settings: { POSTRIDER_LIST_ALL: "false" } },
      "settings.POSTRIDER_LIST_ALL is not a member of a stage",
    ],
    [
      "units",
      { billing: { ...provisioned, readUnits: { min: 0, max: 5 } } },
      "billing.readUnits.min must be a whole number from 1 to 40000",
    ],
    [
      "units the wrong way round",
      { billing: { ...provisioned, writeUnits: { min: 9, max: 5 } } },
      "billing.writeUnits must not have a min above its max",
    ],
    [
      "an encryption",
      { encryption: "none" },
      "encryption must be one of aws-managed, customer-key",
    ],
    [
      "an endpoint",
      { endpoint: { kind: "rest-api" } },
      "endpoint.kind must be http-api or function-url",
    ],
    [
      "a rate",
      { endpoint: { ...http, requestsPerSecond: 0.5 } },
      "endpoint.requestsPerSecond must be a whole number from 1 to 100000",
    ],
    [
      "a burst",
      { endpoint: { ...http, burst: 0 } },
      "endpoint.burst must be a whole number from 1 to 100000",
    ],
    [
      "a domain",
      { endpoint: { ...http, domain: { ...domain, name: "https://example.com" } } },
      "endpoint.domain.name must be a host name in lower case",
    ],
    [
      "a certificate",
      { endpoint: { ...http, domain: { ...domain, certificateArn: "mine" } } },
      "endpoint.domain.certificateArn must be the ARN of a certificate in ACM",
    ],
    [
      "a certificate of another region",
      { region: "eu-west-1", endpoint: { ...http, domain } },
      "endpoint.domain.certificateArn must be a certificate of the stack's region",
    ],
    [
      "a region, whatever the certificate",
      { region: "europe", endpoint: { ...http, domain } },
      "region must be a region such as us-east-1",
    ],
    [
      "memory",
      { dispatcher: { memoryMb: 64 } },
      "dispatcher.memoryMb must be a whole number from 128 to 10240",
    ],
    [
      "no group",
      { dispatcher: { groups: 0 } },
      "dispatcher.groups must be a whole number from 1 to 256",
    ],
    [
      "more groups than shards",
      { dispatcher: { groups: 5 }, settings: { POSTRIDER_SHARDS: "4" } },
      "dispatcher.groups must not be more than there are shards (POSTRIDER_SHARDS)",
    ],
    [
      "more groups than shards by default",
      { dispatcher: { groups: 9 } },
      "dispatcher.groups must not be more than there are shards (POSTRIDER_SHARDS)",
    ],
    [
      "a batch",
      { worker: { batchSize: 11 } },
      "worker.batchSize must be a whole number from 1 to 10",
    ],
    [
      "a concurrency",
      { worker: { maxConcurrency: 1 } },
      "worker.maxConcurrency must be a whole number from 2 to 1000",
    ],
    ["an e-mail address", { alarms: { email: "me" } }, "alarms.email must be an e-mail address"],
    [
      "an age that every retry reaches",
      { alarms: { oldestRecordMinutes: 15 } },
      "alarms.oldestRecordMinutes must be a whole number from 16 to 1440",
    ],
    [
      "an age of what is due",
      { alarms: { oldestDueMinutes: 1 } },
      "alarms.oldestDueMinutes must be a whole number from 2 to 1440",
    ],
    [
      "a share",
      { alarms: { failedAttemptsPercent: 101 } },
      "alarms.failedAttemptsPercent must be a whole number from 1 to 100",
    ],
    [
      "a least number",
      { alarms: { attemptsMin: 0 } },
      "alarms.attemptsMin must be a whole number from 1 to 1000000",
    ],
    [
      "failed messages",
      { alarms: { failedMessages: -1 } },
      "alarms.failedMessages must be a whole number from 1 to 1000000",
    ],
    [
      "a setting",
      { settings: { POSTRIDER_GRACE_MS: "soon" } },
      "settings.POSTRIDER_GRACE_MS must be a whole number from 0 to 3600000",
    ],
    [
      "a setting that no function has",
      { settings: { POSTRIDER_GRACE: "1" } },
      "settings.POSTRIDER_GRACE is not a member of a stage",
    ],
    // Alarms and dashboard ask for the metrics of the stage's own namespace.
    [
      "a namespace",
      { settings: { POSTRIDER_METRICS_NAMESPACE: "Mine" } },
      "settings.POSTRIDER_METRICS_NAMESPACE is not a member of a stage",
    ],
    // The stack itself knows its table.
    [
      "a table",
      { settings: { POSTRIDER_TABLE: "mine" } },
      "settings.POSTRIDER_TABLE is not a member of a stage",
    ],
  ])("%s", (_, given, fault) => {
    expect(faultsOf(given)).toEqual([`dev: ${fault}`]);
  });

  test("a retention that CloudWatch does not have", () => {
    expect(faultsOf({ logDays: 8 })).toEqual([
      expect.stringMatching(/^dev: logDays must be one of 1, 3, 5, 7, .*, 9999$/),
    ]);
  });

  test("a name", () => {
    expect(parseStage("Dev 1", place).faults).toEqual([
      "Dev 1: name must be up to 21 of a-z, 0-9 and -, and begin with a letter",
    ]);
  });
});

test("All faults of a stage are reported together, those across members too", () => {
  const faults = faultsOf({
    ...{ account: "1", region: "eu-west-1", logDays: 2, api: { memoryMb: "512" } },
    endpoint: { ...http, domain },
    dispatcher: { groups: 100 },
    settings: { POSTRIDER_SHARDS: "64", POSTRIDER_GRACE_MS: "1" },
  });

  expect(faults).toEqual([
    expect.stringMatching(/^dev: account /),
    expect.stringMatching(/^dev: api.memoryMb /),
    expect.stringMatching(/^dev: logDays /),
    expect.stringMatching(/^dev: dispatcher.groups /),
    expect.stringMatching(/^dev: endpoint.domain.certificateArn /),
  ]);
});

test("Members that cannot be read are no fault of the checks across members", () => {
  expect(
    faultsOf({ dispatcher: 5, endpoint: { kind: "http-api", domain: 5 }, settings: 5 }),
  ).toEqual([
    "dev: endpoint.domain must be an object",
    "dev: dispatcher must be an object",
    "dev: settings must be an object",
  ]);
});

test("A domain with a certificate of its region is no fault", () => {
  expect(faultsOf({ endpoint: { ...http, domain } })).toEqual([]);
});

describe("A folder of stages", () => {
  let folder: string;
  const write = (file: string, content: unknown): void =>
    writeFileSync(join(folder, file), JSON.stringify(content));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "postrider-stages-"));
    write("dev.json", { ...place, retainData: false });
    write("prod.json", { account: "1", region: "", logDays: 2 });
    write("prod.example.json", {});
    write("list.json", []);
    writeFileSync(join(folder, "text.json"), "{");
    writeFileSync(join(folder, "README.md"), "Ours");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has a stage for each JSON file that is no example, and all their faults together", () => {
    const { stages, faults } = readStages(folder, {});

    expect(stages.map(({ name }) => name)).toEqual(["dev"]);
    expect(faults).toEqual([
      "list: must be a JSON object",
      "prod: account must be the 12 digits of an AWS account",
      "prod: region must be a region such as us-east-1",
      expect.stringMatching(/^prod: logDays /),
      "text: is not JSON",
    ]);
  });

  test("has no stages where it does not exist", () => {
    expect(readStages(join(folder, "nowhere"), {})).toEqual({ stages: [], faults: [] });
  });

  test("has stages in the account and the region that are given instead", () => {
    const { stages } = readStages(folder, { account: "999999999999", region: "eu-west-1" });

    expect(stages[0]).toMatchObject({ account: "999999999999", region: "eu-west-1" });
  });
});

test.each([
  [8, 1],
  [8, 3],
  [5, 5],
])("Of %i shards, each is in exactly one of %i groups", (shards, count) => {
  const groups = shardGroups(shards, count);

  expect(groups).toHaveLength(count);
  expect(groups.flat().toSorted((one, other) => one - other)).toEqual([...Array(shards).keys()]);
  expect(groups.every((group) => group.length > 0)).toBe(true);
});
