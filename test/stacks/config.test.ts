import { describe, expect, test } from "@jest/globals";
import { type Stage, stages } from "../../stacks/config.ts";
import { faultsInWords, faultsOf, faultsOfAll } from "../../stacks/faults.ts";

const [first] = stages;
if (!first) throw new Error("There is a stage");
const dev: Stage = first;

const http = { kind: "http-api", requestsPerSecond: 10, burst: 20 } as const;
const alone = { memoryMb: 512, groups: 1, alone: true };
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd";
const domain = { name: "messages.example.com", certificateArn };

test("Faults are counted as one counts them", () => {
  expect(faultsInWords(["dev: a"])).toBe("stacks/config.ts has 1 fault:\ndev: a");
  expect(faultsInWords(["dev: a", "dev: b"])).toBe(
    "stacks/config.ts has 2 faults:\ndev: a\ndev: b",
  );
});

test("The stages of the example are sound", () => {
  expect(faultsOfAll(stages)).toEqual([]);
});

describe("A fault is told, with what would be right:", () => {
  test.each<[string, Partial<Stage>, string]>([
    ["a name", { name: "Dev 1" }, 'name is "Dev 1"'],
    ["an account", { account: "12345" }, "the 12 digits of an account"],
    ["a region", { region: "europe" }, "a region such as us-east-1"],
    [
      "units",
      { billing: { readUnits: { min: 0, max: 5 }, writeUnits: { min: 1, max: 5 } } },
      "billing.readUnits.min is 0",
    ],
    [
      "units the wrong way round",
      { billing: { readUnits: { min: 1, max: 5 }, writeUnits: { min: 9, max: 5 } } },
      "billing.writeUnits has a min of 9, more than its max of 5",
    ],
    ["a rate", { entrance: { ...http, requestsPerSecond: 0.5 } }, "requestsPerSecond is 0.5"],
    ["a burst", { entrance: { ...http, burst: 0 } }, "entrance.burst is 0"],
    [
      "a domain",
      { entrance: { ...http, domain: { ...domain, name: "https://example.com" } } },
      "a host name in lower case",
    ],
    [
      "a certificate",
      { entrance: { ...http, domain: { ...domain, certificateArn: "mine" } } },
      "the ARN of a certificate in ACM",
    ],
    [
      "a certificate of elsewhere",
      { region: "eu-west-1", entrance: { ...http, domain } },
      "is of us-east-1: it must be of the stage's region, eu-west-1",
    ],
    ["memory", { api: { memoryMb: 64 } }, "api.memoryMb is 64"],
    ["memory of the dispatcher", { dispatcher: { ...alone, memoryMb: 1 } }, "dispatcher.memory"],
    ["no group", { dispatcher: { ...alone, groups: 0 } }, "dispatcher.groups is 0"],
    [
      "more groups than shards",
      { dispatcher: { ...alone, groups: 5 }, settings: { POSTRIDER_SHARDS: "4" } },
      "dispatcher.groups is 5: it must be a whole number from 1 to 4",
    ],
    ["memory of the worker", { worker: { ...dev.worker, memoryMb: 20_000 } }, "worker.memoryMb"],
    ["a batch", { worker: { ...dev.worker, batchSize: 11 } }, "worker.batchSize is 11"],
    ["a concurrency", { worker: { ...dev.worker, maxConcurrency: 1 } }, "maxConcurrency is 1"],
    ["days of logs", { logDays: 8 }, "logDays is 8: it must be one of 1, 3, 5, 7"],
    ["an address", { alarms: { ...dev.alarms, email: "me" } }, "an e-mail address"],
    [
      "an age that every retry reaches",
      { alarms: { ...dev.alarms, oldestRecordMinutes: 15 } },
      "alarms.oldestRecordMinutes is 15: it must be a whole number from 16",
    ],
    ["an age of the due", { alarms: { ...dev.alarms, oldestDueMinutes: 0 } }, "oldestDueMinutes"],
    [
      "a share",
      { alarms: { ...dev.alarms, failedAttemptsPercent: 101 } },
      "AttemptsPercent is 101",
    ],
    ["a least number", { alarms: { ...dev.alarms, attemptsMin: 0 } }, "alarms.attemptsMin is 0"],
    ["failed messages", { alarms: { ...dev.alarms, failedMessages: -1 } }, "failedMessages is -1"],
  ])("%s", (_, wrong, fault) => {
    const faults = faultsOf({ ...dev, ...wrong });

    expect(faults).toEqual([expect.stringContaining(fault)]);
  });
});

test("All faults of all stages are told at once, by the names of the stages", () => {
  const wrong = [
    { ...dev, logDays: 2, account: "" },
    { ...dev, name: "prod", region: "" },
  ];

  expect(faultsOfAll(wrong)).toEqual([
    expect.stringMatching(/^dev: account /),
    expect.stringMatching(/^dev: logDays /),
    expect.stringMatching(/^prod: region /),
  ]);
});

test("Two stages of one name are a fault: they would be one stack", () => {
  expect(faultsOfAll([dev, dev])).toEqual(["dev: there are two stages of this name"]);
});

test("A domain that is sound is no fault", () => {
  expect(faultsOf({ ...dev, entrance: { ...http, domain } })).toEqual([]);
});
