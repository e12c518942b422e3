/** `mail.addSender(…)`: what it adds to a stack, what it refuses, and what its function may do. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { AwsSolutionsChecks } from "cdk-nag";
import type { SecretVersions } from "../../adapters/secret-versions.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import { limits } from "../../domain/limits.ts";
import { messageStore } from "../../entities/message.ts";
import type { ProvisionEvent } from "../../handlers/provision/event.ts";
import { provisioner } from "../../handlers/provision/provisioner.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import {
  Postrider,
  type PostriderProps,
  PostriderTable,
  type SenderProps,
} from "../../stacks/index.ts";
import type { SenderPropsGiven } from "../../stacks/read-sender-props.ts";
import { faultsOf } from "../support/faults.ts";
import { aMessage } from "../support/messages.ts";
import type { Same } from "../support/same-types.ts";
import { masterKey, start } from "../support/service.ts";
import { useTable } from "../support/table.ts";
import { type Json, propertiesOf, resourcesOf, type Template } from "./resources.ts";
import { codeFolder, context, removeTemporary, temporaryFolder } from "./synth.ts";

afterAll(removeTemporary);

const code = codeFolder();
const env = { account: "123456789012", region: "eu-west-1" };
const appWith = (
  add: (mail: Postrider, stack: Stack) => void,
  propsIn: (stack: Stack) => PostriderProps = () => ({}),
) => {
  const app = new App({ context, outdir: temporaryFolder() });
  const stack = new Stack(app, "Shop", { env });
  add(new Postrider(stack, "Mail", { codeFolder: code, ...propsIn(stack) }), stack);
  return { app, stack };
};
const made = (...given: Parameters<typeof appWith>): Template => {
  const { app, stack } = appWith(...given);
  return app.synth().getStackArtifact(stack.artifactId).template;
};
const aRole = (stack: Stack) =>
  new Role(stack, "Orders", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
const statementsOf = (template: Template, role = "MailSendersFunctionRole"): readonly Json[] =>
  propertiesOf(template, "AWS::IAM::Role", role).Policies.flatMap(
    ({ PolicyDocument }: Json) => PolicyDocument.Statement,
  );
const withoutSenders = made(() => {});
const template = made((mail) => {
  mail.addSender("Orders", {
    ...{ senderId: "orders", scopes: ["messages:write"], keyVersion: 3 },
    defaults: { retry: { schedule: ["5s", "2m"] }, timeoutMs: 9000 },
  });
  mail.addSender("News", { senderId: "news", keyOverlap: Duration.days(2) });
});
const custom = "Custom::PostriderSender";

describe("A sender of a stack", () => {
  test("is declared to the function that creates it, and no key is in the template", () => {
    expect(propertiesOf(template, custom, "MailSendersOrders")).toEqual({
      ...{ ServiceToken: "MailSendersFunction.Arn", ServiceTimeout: "600" },
      ...{ SenderId: "orders", Scopes: ["messages:write"], KeyVersion: 3, OverlapMs: 86_400_000 },
      Defaults: '{"retry":{"schedule":["5s","2m"]},"timeoutMs":9000}',
      SecretArn: "MailSendersOrdersSecret",
    });
    expect(propertiesOf(template, custom, "MailSendersNews")).toMatchObject({
      ...{ Defaults: "{}", Scopes: ["messages:write", "messages:read"], KeyVersion: 1 },
      OverlapMs: 2 * 86_400_000,
    });
    expect(JSON.stringify(template)).not.toContain("prk_");
  });

  test("keeps these ids: with another id comes another key", () => {
    const ids = Object.keys(template.Resources).filter((id) => !(id in withoutSenders.Resources));

    expect(ids.toSorted()).toEqual([
      ...["MailSendersFunction056CD5D5", "MailSendersFunctionLogsEBFA9E78"],
      ...["MailSendersFunctionRole600A3E75", "MailSendersNewsF5C967DA"],
      ...["MailSendersNewsSecret5A8709BB", "MailSendersOrders37A94D81"],
      "MailSendersOrdersSecret745102C1",
    ]);
  });

  test("changes nothing of what the stack has without one", () => {
    const { Resources } = template;
    const others = Object.keys(withoutSenders.Resources).map((id) => [id, Resources[id]]);

    expect(Object.fromEntries(others)).toEqual(withoutSenders.Resources);
  });

  test("has a secret that goes with it, and whose value CloudFormation does not know", () => {
    const { DeletionPolicy } = Object.values(
      resourcesOf(template, "AWS::SecretsManager::Secret"),
    ).find(({ Properties }) => Properties.Description.includes("orders")) as Json;

    expect(DeletionPolicy).toBe("Delete");
    expect(
      propertiesOf(template, "AWS::SecretsManager::Secret", "MailSendersOrdersSecret"),
    ).toMatchObject({ GenerateSecretString: {} });
  });

  test("is created once the function has its permissions and its log", () => {
    const { DependsOn } = Object.values(resourcesOf(template, custom))[0] as Json;

    const ids = DependsOn.map((id: string) => id.replace(/[0-9A-F]{8}$/, ""));
    expect(ids).toEqual([
      ...["MailSendersFunction", "MailSendersFunctionLogs", "MailSendersFunctionRole"],
    ]);
  });
});

describe("The function that creates senders", () => {
  test("may use the items of senders, the master key, the secrets of its senders and its log", () => {
    const secret = ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];

    const statements = statementsOf(template).map(({ Action, Resource }) => [Action, Resource]);
    expect(statements).toEqual([
      [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], "MailTable.Arn"],
      ["secretsmanager:GetSecretValue", "MailMasterKey"],
      [["logs:CreateLogStream", "logs:PutLogEvents"], "MailSendersFunctionLogs.Arn"],
      [
        secret.map((action) => `secretsmanager:${action}`),
        ["MailSendersNewsSecret", "MailSendersOrdersSecret"],
      ],
    ]);
  });

  test("may use the stage's KMS key through the services that it calls, and that of a secret", () => {
    const keyed = made(
      (mail, stack) => {
        mail.addSender("Orders", { senderId: "orders" });
        mail.addSender("News", { senderId: "news", encryptionKey: new Key(stack, "Theirs") });
      },
      () => ({ encryption: "customer-key" }),
    );

    const uses = statementsOf(keyed)
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith("kms:")))
      .map(({ Action, Resource, Condition }) => [
        ...[Resource, [Action].flat().length],
        Condition.StringEquals["kms:ViaService"].split(".")[0],
      ]);
    expect(uses).toEqual([
      ["MailKey.Arn", 7, "dynamodb"],
      ["MailKey.Arn", 1, "secretsmanager"],
      [["MailKey.Arn", "Theirs.Arn"], 2, "secretsmanager"],
    ]);
    const secretOf = (id: string) =>
      propertiesOf(keyed, "AWS::SecretsManager::Secret", `MailSenders${id}Secret`).KmsKeyId;
    expect([secretOf("Orders"), secretOf("News")]).toEqual(["MailKey.Arn", "Theirs.Arn"]);
  });

  test("runs outside of a VPC, without an alias, and where its log is wanted", () => {
    const { Environment, VpcConfig, Timeout } = propertiesOf(
      template,
      "AWS::Lambda::Function",
      "MailSendersFunction",
    );

    expect(Environment.Variables).toEqual({
      ...{ POSTRIDER_TABLE: "MailTable", POSTRIDER_MASTER_KEY_SECRET: "MailMasterKey" },
    });
    expect([VpcConfig, Timeout]).toEqual([undefined, 120]);
  });

  test("works on a table of the app, too", () => {
    const theirs = made(
      (mail) => void mail.addSender("Orders", { senderId: "orders" }),
      (stack) => ({ table: PostriderTable.fromTableName(stack, "Theirs", "mail") }),
    );

    const [table] = statementsOf(theirs);
    expect(table.Resource).toMatch(/:table\/mail$/);
    expect(table.Condition).toBeDefined();
  });
});

describe("The items that it may use", () => {
  const table = useTable();
  const { Condition } = statementsOf(template)[0] as Json;
  const patternsOf = (operator: string): readonly RegExp[] =>
    [Condition[`ForAllValues:${operator}`]["dynamodb:LeadingKeys"]]
      .flat()
      .map((pattern: string) => {
        const escaped = pattern.replaceAll(/[$.#]/g, "\\$&").replaceAll("*", ".*");
        return new RegExp(`^${escaped}$`);
      });
  const isAllowed = (key: string): boolean =>
    patternsOf("StringLike").some((pattern) => pattern.test(key)) &&
    !patternsOf("StringNotLike").some((pattern) => pattern.test(key));
  const used = new Set<string>();
  let messageKey = "";

  beforeAll(async () => {
    const faults = faultsOf(table.storage.client);
    const texts = new Map<string, string>();
    const secrets: SecretVersions = {
      propose: async (_, id, text) => {
        texts.set(id, texts.get(id) ?? text);
        return texts.get(id) ?? "";
      },
      read: async (_, id) => texts.get(id),
      makeCurrent: async () => {},
    };
    const answers: string[] = [];
    const handler = provisioner({
      ...{ ...registryOf(table.storage), secrets },
      openVault: async () => masterKeyVault([masterKey]),
      put: async (_, text) => void answers.push(text),
      log: { line: () => {}, failure: () => {} },
      ...{ clock: () => start, sleep: async () => {} },
      chance: { random: () => 0.5, token: () => crypto.randomUUID() },
    });
    const event = (RequestType: ProvisionEvent["RequestType"], more: object) => ({
      ...{ RequestType, ResponseURL: "https://a.example/", RequestId: "1" },
      ...{ StackId: "arn:aws:cloudformation:a:1:stack/Shop/1", LogicalResourceId: "Orders" },
      PhysicalResourceId:
        answers.length > 0 ? JSON.parse(answers.at(-1) ?? "").PhysicalResourceId : undefined,
      ResourceProperties: {
        ...propertiesOf(template, custom, "MailSendersOrders"),
        ...more,
      },
    });
    const lambda = { getRemainingTimeInMillis: () => 120_000, logGroupName: "logs" };
    await handler(event("Create", {}), lambda);
    await handler(event("Update", { KeyVersion: 4, Defaults: "{}" }), lambda);
    await handler(event("Update", { KeyVersion: 3 }), lambda);
    await handler(event("Delete", {}), lambda);
    expect(answers.map((text) => JSON.parse(text).Status)).toEqual(Array(4).fill("SUCCESS"));
    for (const command of new Set(faults.calls))
      for (const { Key: key, Item } of faults.inputs(command) as Json[])
        used.add((key ?? Item).pk.S);
    await messageStore(table.storage).submit(aMessage({ senderId: "orders" }));
    const { Item } = faults.inputs("PutItem").at(-1) as Json;
    messageKey = Item.pk.S;
  });

  test("are those that its code reads and writes", () => {
    expect(used.size).toBeGreaterThan(3);
    expect([...used].filter((key) => !isAllowed(key))).toEqual([]);
  });

  test("are no messages, and nothing else of a sender", () => {
    expect(messageKey).toContain("orders");
    expect(isAllowed(messageKey)).toBe(false);
    expect(isAllowed("$postrider#jobId_1")).toBe(false);
  });
});

describe("A service", () => {
  test("may read the key of its sender, or send as it by an outbox", () => {
    const granted = made((mail, stack) => {
      const orders = mail.addSender("Orders", { senderId: "orders" });
      orders.grantRead(aRole(stack));
      expect([orders.senderId, stack.resolve(orders.secret.secretArn)]).toEqual([
        ...["orders", { Ref: expect.stringMatching(/^MailSendersOrdersSecret/) }],
      ]);
    });
    const outbox = made((mail, stack) => {
      mail.addSender("Orders", { senderId: "orders" }).grantSend(aRole(stack));
    });
    const grantsOf = (of: Template) =>
      propertiesOf(of, "AWS::IAM::Policy", "OrdersDefaultPolicy").PolicyDocument.Statement;

    expect(grantsOf(granted)).toEqual([
      {
        ...{ Effect: "Allow", Resource: "MailSendersOrdersSecret" },
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      },
    ]);
    expect(grantsOf(outbox)[0].Condition["ForAllValues:StringLike"]).toEqual({
      "dynamodb:LeadingKeys": ["$postrider#senderId_orders", "$postrider#senderId_orders#*"],
    });
  });
});

describe("The props of a sender", () => {
  const refusal = (given: object): string => {
    const mail = new Postrider(new Stack(), "Mail", { codeFolder: code });
    try {
      mail.addSender("Orders", given as SenderProps);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("have the names that the schema reads, those of the defaults too", () => {
    type Of<Given> = keyof NonNullable<Given>;
    const all: Same<Of<SenderProps>, Of<SenderPropsGiven>> = true;
    const defaults: Same<Of<SenderProps["defaults"]>, Of<SenderPropsGiven["defaults"]>> = true;
    const retry: Same<
      Of<NonNullable<SenderProps["defaults"]>["retry"]>,
      Of<NonNullable<SenderPropsGiven["defaults"]>["retry"]>
    > = true;

    expect([all, defaults, retry]).toEqual([true, true, true]);
  });

  test("are refused all at once, as the HTTP interface would and with their names", () => {
    expect(
      refusal({
        ...{ senderId: "a b", scopes: ["all"], keyVersion: 0, colour: "red", encryptionKey: "arn" },
        keyOverlap: Duration.days(91),
        defaults: {
          ...{ timeoutMs: limits.timeoutMsMax + 1, retentionDays: 0 },
          retry: { schedule: ["soon"] },
        },
      }).split("\n- "),
    ).toEqual([
      "The props of Default/Mail/Senders/Orders have faults:",
      "senderId must be 1 to 128 of A-Z a-z 0-9 _ . : - (and not . or ..)",
      "defaults.retry.schedule.0 must be a duration such as 30s, 2m or 6h, at most 24h",
      "defaults.timeoutMs must be at most 30000",
      "defaults.retentionDays must be at least 1",
      "scopes.0 must be one of messages:write, messages:read",
      "keyVersion must be a whole number from 1 to 9007199254740991",
      "keyOverlap must be a Duration of at most 90d",
      "encryptionKey must be a KMS key, not a name or an ARN",
      "colour is not a prop of a sender",
    ]);
  });

  test("are refused for a sender that the stack has already", () => {
    expect(() =>
      made((mail) => {
        mail.addSender("Orders", { senderId: "orders" });
        mail.addSender("Again", { senderId: "orders" });
      }),
    ).toThrow("Shop/Mail has a sender orders already");
  });
});

test("The rules of AWS Solutions find only that no schedule rotates the secret: keyVersion does", () => {
  const { app } = appWith((mail) => void mail.addSender("Orders", { senderId: "orders" }));
  app.synth();

  const found = new AwsSolutionsChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => `${ruleName} ${constructPath}`),
    )
    .filter((text) => text.includes("Senders"));

  expect(found).toEqual(["AwsSolutions-SMG4 Shop/Mail/Senders/Orders/Secret/Resource"]);
});
