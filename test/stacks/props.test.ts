/** `new Postrider(…)` in a CDK app of its user's: which props are refused. */
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { App, Lazy, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Postrider, PostriderTable } from "../../stacks/index.ts";
import type { PostriderMembers } from "../../stacks/member-props.ts";
import type { MembersGiven } from "../../stacks/members.ts";
import type { PostriderProps } from "../../stacks/props.ts";
import type { PropsGiven } from "../../stacks/read-props.ts";
import type { Same } from "../support/same-types.ts";
import { codeFolder, context, removeTemporary } from "./synth.ts";

afterAll(removeTemporary);

const code = codeFolder();

describe("The props", () => {
  const faultsOf = (props: object, region?: string): readonly string[] => {
    const stack = new Stack(new App({ context }), "Shop", region ? { env: { region } } : {});
    try {
      new Postrider(stack, "Mail", { codeFolder: code, ...props });
      return [];
    } catch (error) {
      const [title, ...faults] = (error as Error).message.split("\n- ");
      expect(title).toBe("The props of Shop/Mail have faults:");
      return faults;
    }
  };
  /** Stands for any construct: JavaScript does not know which. */
  const stack = new Stack(new App(), "Other");
  const domain = {
    name: "mail.example.com",
    certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1-a",
  };

  test("are, where a stage file has the same, typed as its schema", () => {
    const members: Same<PostriderMembers, MembersGiven> = true;
    const others: Same<keyof PostriderProps, Exclude<keyof PropsGiven, "region">> = true;

    expect([members, others]).toEqual([true, true]);
  });

  test("may all be left out, in a stack of no account and region too", () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ name: undefined, table: undefined })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["a prop that there is not", { stage: "prod" }, "stage is not a prop of Postrider"],
    ["the region", { region: "eu-west-1" }, "region is that of the stack"],
    [
      "a name",
      { name: "a b" },
      "name must be up to 64 letters, digits and -, and begin with a letter",
    ],
    [
      "what a stage refuses too",
      { worker: { batchSize: 11 } },
      "worker.batchSize must be a whole number from 1 to 10",
    ],
    ["what is neither a worker nor none", { worker: true }, "worker must be an object"],
    ["the name of a table", { table: "orders" }, "table must be a table, not a name or an ARN"],
    [
      "the ARN of a key",
      { encryptionKey: "arn" },
      "encryptionKey must be a KMS key, not a name or an ARN",
    ],
    [
      "the name of a boundary",
      { permissionsBoundary: "b" },
      "permissionsBoundary must be a managed policy, not a name or an ARN",
    ],
    [
      "a range",
      { allowTargets: ["10.0.0.0"] },
      "allowTargets.0 must be a range of addresses such as 10.0.0.0/16",
    ],
    [
      "the log of a function that there is not",
      { logGroups: { mail: stack } },
      "logGroups.mail is not a prop of Postrider",
    ],
    ["a part", { canary: { percent: 100 } }, "canary.percent must be a whole number from 1 to 99"],
    [
      "too many alarms",
      { canary: { alarms: Array(5).fill(stack) } },
      "canary.alarms must not be more than 4: CodeDeploy takes ten in all",
    ],
    ["no security group", { vpc: stack, securityGroups: [] }, "securityGroups must not be empty"],
    [
      "billing of a given table",
      { table: stack, billing: { mode: "on-demand" } },
      "billing is that of a new table: set it where the table is made, or leave table out",
    ],
    [
      "a key that is not used",
      { encryptionKey: stack, encryption: "aws-managed" },
      "encryptionKey contradicts encryption, which is aws-managed",
    ],
    ["subnets of no VPC", { vpcSubnets: {} }, "vpcSubnets needs vpc"],
    ["security groups of no VPC", { securityGroups: [stack] }, "securityGroups needs vpc"],
    [
      "ranges twice",
      { allowTargets: ["10.0.0.0/8"], settings: { POSTRIDER_ALLOW_TARGETS: "none" } },
      "allowTargets and settings.POSTRIDER_ALLOW_TARGETS are the same: give one of them",
    ],
    [
      "an address for a given topic",
      { alarmTopic: stack, alarms: { email: "a@example.com" } },
      "alarms.email is that of a new topic: subscribe to yours, or leave alarmTopic out",
    ],
    [
      "a zone of no name",
      { hostedZone: stack, endpoint: { kind: "http-api" } },
      "hostedZone needs endpoint.domain",
    ],
    [
      "an access log of a function URL",
      { logGroups: { access: stack }, endpoint: { kind: "function-url" } },
      "logGroups.access is that of an HTTP API: a function URL has no access log",
    ],
    [
      "a domain of a function URL",
      { endpoint: { kind: "function-url", domain } },
      "endpoint.domain is not a prop of Postrider",
    ],
    [
      "a grace longer than the lease",
      { settings: { POSTRIDER_GRACE_MS: "65001" } },
      "settings.POSTRIDER_GRACE_MS is more than the lease of 65000 ms: a claim would take a second write",
    ],
    [
      "a lease longer than a record is hidden",
      { settings: { POSTRIDER_LEASE_MS: "360000" } },
      "settings.POSTRIDER_LEASE_MS is with the clock margin not less than the visibility timeout of 360000 ms: records would come back while their attempt is being made",
    ],
    [
      "a collector in the clear",
      { tracing: { endpoint: "http://collector.example.com:4318" } },
      "tracing.endpoint must be https, or http to this machine such as http://localhost:4318",
    ],
    [
      "no collector",
      { tracing: { endpoint: "none" } },
      "tracing.endpoint must be a URL such as https://collector.example.com:4318",
    ],
    [
      "the name of a secret",
      { tracing: { endpoint: "https://c.example.com", headersSecretArn: "collector-key" } },
      "tracing.headersSecretArn must be the whole ARN of a secret in Secrets Manager, with the six characters at its end",
    ],
    [
      "a layer of no version",
      {
        tracing: {
          endpoint: "http://localhost:4318",
          layerArn: "arn:aws:lambda:eu-west-1:123456789012:layer:otel",
        },
      },
      "tracing.layerArn must be the ARN of a version of a Lambda layer",
    ],
    [
      "a part that is none",
      { tracing: { endpoint: "https://c.example.com", sampleRatio: 10 } },
      "tracing.sampleRatio must be a number from 0 to 1",
    ],
    [
      "headers in the clear",
      { tracing: { endpoint: "https://c.example.com", headers: "x-api-key=1" } },
      "tracing.headers is not a prop of Postrider",
    ],
    [
      "a collector as a setting, which grants nothing",
      { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://c.example.com" } },
      "settings.OTEL_EXPORTER_OTLP_ENDPOINT is not a prop of Postrider",
    ],
  ])("are refused with their name: %s", (_, props, fault) => {
    expect(faultsOf(props, "eu-west-1")).toEqual([fault]);
  });

  test("are refused where the code of a function is missing", () => {
    expect(faultsOf({ codeFolder: join(code, "api") })).toEqual([
      `codeFolder ${join(code, "api")} lacks the code of api, worker, dispatcher, dead-letter, senders: in a checkout, run \`npm run bundle\` first`,
    ]);
  });

  test("are refused all at once, also those that contradict each other", () => {
    const faults = faultsOf({
      ...{ logDays: 8, api: { memoryMb: 1 }, vpcSubnets: {}, alarmTopic: stack },
      ...{
        alarms: { email: "me" },
        settings: { POSTRIDER_TIMEOUT_MS: "30000", POSTRIDER_LEASE_MS: "35000" },
      },
      ...{ dispatcher: { groups: 100 } },
    });

    expect(faults.map((fault) => fault.split(" ")[0])).toEqual([
      ...["api.memoryMb", "logDays", "alarms.email", "dispatcher.groups"],
      ...["settings.POSTRIDER_TIMEOUT_MS", "settings.POSTRIDER_GRACE_MS"],
      ...["vpcSubnets", "alarms.email"],
    ]);
  });

  test("may be known only when the stack is deployed", () => {
    const later = Lazy.string({ produce: () => "later" });
    const known = { name: later, certificateArn: later };

    expect(faultsOf({ endpoint: { kind: "http-api", domain: known } }, "eu-west-1")).toEqual([]);
    expect(faultsOf({ settings: { POSTRIDER_ALLOW_TARGETS: later } })).toEqual([]);
    expect(faultsOf({ allowTargets: [later, "10.0.0.0/8"] })).toEqual([]);
    expect(faultsOf({ tracing: { endpoint: later, headersSecretArn: later } })).toEqual([]);
  });

  test("encrypt a new table with a KMS key only where the stack knows its region", () => {
    const needsRegion = "needs a stack whose region is set (env), unless table is given";

    expect(faultsOf({ encryption: "customer-key" })).toEqual([`encryption ${needsRegion}`]);
    expect(faultsOf({ encryptionKey: new Key(stack, "Key") })).toEqual([
      `encryptionKey ${needsRegion}`,
    ]);
    expect(faultsOf({ encryption: "customer-key" }, "eu-west-1")).toEqual([]);
    const table = new PostriderTable(stack, "Table");
    expect(faultsOf({ encryption: "customer-key", table })).toEqual([]);
  });

  test("have a certificate of the region, as far as the stack knows its region", () => {
    const endpoint = { kind: "http-api", domain } as const;

    expect(faultsOf({ endpoint }, "us-east-1")).toEqual([]);
    expect(faultsOf({ endpoint })).toEqual([]);
    expect(faultsOf({ endpoint }, "eu-west-1")).toEqual([
      "endpoint.domain.certificateArn must be a certificate of the stack's region",
    ]);
  });
});
