import { Token } from "aws-cdk-lib";
import { Construct } from "constructs";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { settingsReadBy } from "../adapters/read-settings.ts";
import { codeFolder, missingCode } from "./code-folder.ts";
import { conflictsOf } from "./conflicts.ts";
import { couplings } from "./couplings.ts";
import { faultLines } from "./fault-lines.ts";
import { members, region, whole } from "./members.ts";
import type { LogName, PostriderProps } from "./props.ts";

type Given<Member extends keyof PostriderProps> = NonNullable<PostriderProps[Member]>;

/** Something of CDK. TypeScript knows which; from JavaScript it is at least no name or ARN. */
const construct = <Kind>(kind: string) =>
  z.custom<Kind>((given) => Construct.isConstruct(given), `must be ${kind}, not a name or an ARN`);

const canary = z.strictObject({
  percent: whole(1, 99).default(10),
  minutes: whole(5, 120).default(10),
  alarms: z
    .array(construct<NonNullable<Given<"canary">["alarms"]>[number]>("an alarm"))
    .max(4, "must not be more than 4: CodeDeploy takes ten in all")
    .default([]),
});

type LogGroups = Required<Given<"logGroups">>;
const logGroup = construct<LogGroups[LogName]>("a log group").optional();

const allow = settingsReadBy("worker").find(([name]) => name === "allowTargets")?.[1];
const ranges = z.array(z.string()).check(({ value, issues }) => {
  for (const [at, text] of value.entries())
    if (!Token.isUnresolved(text) && !allow?.schema.safeParse(text).success)
      issues.push({
        ...{ code: "custom", path: [at], input: text },
        message: "must be a range of addresses such as 10.0.0.0/16",
      });
});

const schema = z
  .strictObject({
    ...members,
    name: z
      .string()
      .regex(
        /^[A-Za-z][A-Za-z0-9-]{0,63}$/,
        "must be up to 64 letters, digits and -, and begin with a letter",
      ),
    /** That of the stack, and no prop. */
    region,
    table: construct<Given<"table">>("a table").optional(),
    encryptionKey: construct<Given<"encryptionKey">>("a KMS key").optional(),
    vpc: construct<Given<"vpc">>("a VPC").optional(),
    vpcSubnets: z
      .custom<Given<"vpcSubnets">>((given) => typeof given === "object", "must be an object")
      .optional(),
    securityGroups: z
      .array(construct<Given<"securityGroups">[number]>("a security group"))
      .min(1, "must not be empty")
      .optional(),
    allowTargets: ranges.optional(),
    logGroups: z
      .strictObject({
        ...{ api: logGroup, worker: logGroup, dispatcher: logGroup, deadLetter: logGroup },
        ...{ access: logGroup, senders: logGroup },
      })
      .prefault({}),
    alarmTopic: construct<Given<"alarmTopic">>("a topic").optional(),
    hostedZone: construct<Given<"hostedZone">>("a hosted zone").optional(),
    permissionsBoundary: z
      .custom<Given<"permissionsBoundary">>(
        (given) => typeof given === "object" && given !== null && "managedPolicyArn" in given,
        "must be a managed policy, not a name or an ARN",
      )
      .optional(),
    tags: z.record(z.string(), z.string()).prefault({}),
    canary: canary.optional(),
    codeFolder: z
      .string()
      .prefault(codeFolder)
      .check(({ value, issues }) => {
        const missing = missingCode(value);
        if (missing.length > 0)
          issues.push({
            ...{ code: "custom", input: value },
            message: `${value} lacks the code of ${missing.join(", ")}: in a checkout, run \`npm run bundle\` first`,
          });
      }),
  })
  .check(...couplings);

/** The props, each with a value where it has a default. */
export type Props = z.output<typeof schema>;
/** The props as the schema takes them. A test compares them with those of the construct. */
export type PropsGiven = z.input<typeof schema>;

/** Where the construct is: what it is called by default, and the region of its stack. */
export type Place = { readonly name: string; readonly region: string };

/** Parses the props. Throws an error that names every fault, with the path of the construct. */
export const readProps = (path: string, given: PostriderProps, place: Place): Props => {
  const { data, error } = schema.safeParse(
    { ...given, name: given.name ?? place.name, region: place.region },
    { error: inWords },
  );
  const found = error ? faultLines(error, "is not a prop of Postrider") : [];
  const faults = [...found, ...conflictsOf(given, place.region)];
  if (!data || faults.length > 0)
    throw new Error([`The props of ${path} have faults:`, ...faults].join("\n- "));
  const { allowTargets } = data;
  // The schema has refused the setting beside it.
  const allowed = allowTargets && { POSTRIDER_ALLOW_TARGETS: allowTargets.join(",") };
  return { ...data, settings: { ...data.settings, ...allowed } };
};
