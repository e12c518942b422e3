import { Token } from "aws-cdk-lib";
import type { PostriderProps } from "./props.ts";

type Given = Partial<PostriderProps>;
type Rule = {
  readonly prop: string;
  readonly isBroken: (given: Given, region: string) => boolean;
  readonly fault: string;
};

/** Callers from JavaScript may pass anything: what is not an object has no members. */
const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const has = (value: unknown, member: string): boolean => membersOf(value)[member] !== undefined;

/** DynamoDB names the key of a table by region, also where there is but one. */
const needsRegion = "needs a stack whose region is set (env), unless table is given";

/** Props that cannot go together, each with the one to take away or to add. */
const rules: readonly Rule[] = [
  { prop: "region", isBroken: (given) => has(given, "region"), fault: "is that of the stack" },
  {
    prop: "billing",
    isBroken: (given) => has(given, "table") && has(given, "billing"),
    fault: "is that of a new table: set it where the table is made, or leave table out",
  },
  {
    prop: "encryptionKey",
    isBroken: (given) => has(given, "encryptionKey") && given.encryption === "aws-managed",
    fault: "contradicts encryption, which is aws-managed",
  },
  {
    prop: "encryption",
    isBroken: (given, region) =>
      given.encryption === "customer-key" && !has(given, "table") && Token.isUnresolved(region),
    fault: needsRegion,
  },
  {
    prop: "encryptionKey",
    isBroken: (given, region) =>
      has(given, "encryptionKey") && !has(given, "table") && Token.isUnresolved(region),
    fault: needsRegion,
  },
  {
    prop: "vpcSubnets",
    isBroken: (given) => has(given, "vpcSubnets") && !has(given, "vpc"),
    fault: "needs vpc",
  },
  {
    prop: "securityGroups",
    isBroken: (given) => has(given, "securityGroups") && !has(given, "vpc"),
    fault: "needs vpc",
  },
  {
    prop: "logGroups.worker",
    isBroken: (given) => has(given.logGroups, "worker") && given.worker === false,
    fault: "is that of a worker, which worker: false leaves out",
  },
  {
    prop: "allowTargets",
    isBroken: (given) =>
      has(given, "allowTargets") && has(given.settings, "POSTRIDER_ALLOW_TARGETS"),
    fault: "and settings.POSTRIDER_ALLOW_TARGETS are the same: give one of them",
  },
  {
    prop: "alarms.email",
    isBroken: (given) => has(given, "alarmTopic") && has(given.alarms, "email"),
    fault: "is that of a new topic: subscribe to yours, or leave alarmTopic out",
  },
  {
    prop: "hostedZone",
    isBroken: (given) => has(given, "hostedZone") && !has(given.endpoint, "domain"),
    fault: "needs endpoint.domain",
  },
  {
    prop: "logGroups.access",
    isBroken: (given) =>
      has(given.logGroups, "access") && membersOf(given.endpoint)["kind"] === "function-url",
    fault: "is that of an HTTP API: a function URL has no access log",
  },
];

/**
 * Returns a line for each prop that cannot go with another one, whatever else is wrong with them.
 */
export const conflictsOf = (given: Given, region: string): readonly string[] =>
  rules.flatMap(({ prop, isBroken, fault }) =>
    isBroken(given, region) ? [`${prop} ${fault}`] : [],
  );
