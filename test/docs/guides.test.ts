/** The guides for AWS name alarms, roles, outputs, log fields and options: those that there are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { failureFields } from "../../adapters/failure.ts";
import type { Line, Log } from "../../adapters/log.ts";
import { noMetrics } from "../../adapters/metrics.ts";
import { addOperator } from "../../cli/add-operator.ts";
import { addSender } from "../../cli/add-sender.ts";
import { audit } from "../../cli/audit.ts";
import { revokeKeyCommand } from "../../cli/revoke-key.ts";
import { rotateSecretCommand } from "../../cli/rotate-secret.ts";
import { deadLetter } from "../../handlers/dead-letter.ts";
import { recordedBy } from "../../handlers/provision/recorded.ts";
import { plain, resourcesOf, type Template, templateOf } from "../stacks/resources.ts";
import { awsError } from "../support/faults.ts";
import { aRequest, openService, sqsRecord, useService } from "../support/service.ts";
import { viewerOf } from "../support/viewer.ts";

const root = join(import.meta.dirname, "../..");
const guide = (name: string): string => readFileSync(join(root, `docs/guides/${name}.md`), "utf8");
const [deploy, operate, secure] = [guide("deploy"), guide("operate"), guide("secure")];

/** The cells of each row of the table that follows a heading or a text. */
const tableAfter = (page: string, text: string): readonly (readonly string[])[] => {
  const [, table = ""] = /\n\n(\|.+?)\n\n/s.exec(page.slice(page.indexOf(text))) ?? [];
  const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  return rows.slice(2).map((cells) => cells.slice(1, -1));
};
const named = (cell = ""): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

type Made = Template & { readonly Outputs: Readonly<Record<string, unknown>> };
const templates = (["dev", "prod", "keyed"] as const).map((name) => templateOf(name) as Made);

describe.each([
  ["dev", templates[0]],
  ["prod", templates[1]],
])("Of the stage %s", (_, template) => {
  if (!template) throw new Error("There is no such stage");

  test("every alarm is on the page, and every alarm of the page is there", () => {
    const alarms = Object.keys(resourcesOf(template, "AWS::CloudWatch::Alarm")).map((id) =>
      id.replace(/^Monitoring/, ""),
    );

    const rows = tableAfter(operate, "## Alarms");

    expect(rows.flatMap(([alarm]) => named(alarm)).toSorted()).toEqual(alarms.toSorted());
  });

  test("every role may do what the page says, and no more", () => {
    const roles = resourcesOf(template, "AWS::IAM::Role");
    const granted = Object.entries(roles).map(([role, { Properties }]) => {
      const statements = Properties.Policies.flatMap(
        // biome-ignore lint/suspicious/noExplicitAny: a policy is as CDK writes it.
        ({ PolicyDocument }: any) => PolicyDocument.Statement,
      );
      const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
      return [role, [...new Set(actions as string[])].toSorted()];
    });

    let role = "";
    const said: Record<string, string[]> = {};
    for (const [who, may] of tableAfter(secure, "## Who may do what")) {
      role = named(who)[0] ?? (who === "" ? role : "every");
      let service = "";
      for (const action of named(may)) {
        service = action.includes(":") ? (action.split(":")[0] ?? "") : service;
        const whole = action.includes(":") ? action : `${service}:${action}`;
        said[role] = [...(said[role] ?? []), whole];
      }
    }
    const { every = [], ...own } = said;

    expect(
      Object.entries(own).map(([name, actions]) => [
        name,
        [...new Set([...actions, ...(name === "DispatcherScheduleRole" ? [] : every)])].toSorted(),
      ]),
    ).toEqual(expect.arrayContaining(granted));
    expect(Object.keys(own)).toHaveLength(granted.length);
  });

  test("every output is on the page", () => {
    const rows = tableAfter(deploy, "It ends with the outputs");

    expect(rows.flatMap(([output]) => named(output)).toSorted()).toEqual(
      [...Object.keys(plain(template.Outputs)), "DomainTarget"].toSorted(),
    );
  });
});

describe("A query of the page on operating", () => {
  /** What Insights itself has, and what the logger puts on each line. */
  const everywhere = ["@timestamp", "@message", "message", "level", "service"];
  const words =
    /\b(fields|filter|sort|stats|by|as|and|asc|desc|like|count|count_distinct|latest|pct|bin|ispresent|5m)\b/g;
  const queries = [...operate.matchAll(/```text\n(.+?)```/gs)].map(([, query = ""]) => query);
  const service = useService();
  let known: Set<string>;

  beforeAll(async () => {
    const targetUrl = "https://unknown.example/hook";
    await service.submit(aRequest({ targetUrl, messageId: "order-1" }));
    await service.submit({}, service.apiKey);
    await service.work({ v: 1, senderId: "shop", messageId: "order-1", attempt: 1 });
    await service.request("/v1/messages/none/cancel", { method: "POST" });
    const headers = { "content-type": "application/json" };
    const sender = { method: "POST", headers, body: '{"senderId":"new"}' };
    const job = '{"action":"cancel","filter":{"status":"PROCESSING"}}';
    await service.request("/v1/jobs", { method: "POST", headers, body: job });
    const operator = await service.operatorKey();
    const made = await service.request("/v1/senders", sender, operator);
    const { keyId } = made.json.key;
    const path = `/v1/senders/new/keys/${keyId}/revoke`;
    await service.request(path, { method: "POST" }, operator);
    await viewerOf(service.api).signIn(service.apiKey);
    await service.submit(aRequest({ targetUrl: "https://10.0.0.1.example/", messageId: "failed" }));
    service.names.set("10.0.0.1.example", ["10.0.0.1"]);
    await service.work({ v: 1, senderId: "shop", messageId: "failed", attempt: 1 });
    service.advance(300_000);
    await service.dispatch();
    const set = { ":seven": { N: "7" }, ":due": { N: String(service.now()) } };
    await service.storage.client.send(
      new UpdateItemCommand({
        TableName: service.storage.table,
        Key: { pk: { S: "by hand" }, sk: { S: "-" } },
        UpdateExpression: "SET dueAt = :due, dueShard = :shard, attempts = :seven",
        ExpressionAttributeValues: { ...set, ":shard": { S: "0" } },
      }),
    );
    await service.dispatch();
    const log: Log = { line: (line) => service.lines.push(line), failure: () => {} };
    await deadLetter({ log, metrics: noMetrics })({ Records: [sqsRecord("{}")] });
    const event = {
      RequestType: "Create",
      ...{ ResponseURL: "", RequestId: "1", LogicalResourceId: "News" },
      ...{ StackId: "arn:aws:cloudformation:us-east-1:1:stack/Shop/1", ResourceProperties: {} },
    } as const;
    const chance = { random: () => 0.5, token: () => "token" };
    const { change } = recordedBy({ ...service.deps, log, chance }, event);
    await change({ senderId: "new", change: "change-sender", defaults: {} }, async () => {});
    const refused = Object.assign(awsError("AccessDeniedException"), { code: "X" });
    service.faults.inject({ command: "Query", when: "before", error: refused });
    await service.dispatch().catch(() => {});
    const error = service.failures.at(-1)?.error;
    const start = { settings: {}, warnings: [] };
    const lines = [...service.lines, failureFields(error), start];
    known = new Set([...everywhere, ...lines.flatMap((line) => Object.keys(line))]);
  });

  test("is one of sixteen", () => {
    expect(queries).toHaveLength(16);
  });

  test.each(queries)("asks for fields that our lines have: %s", (query) => {
    const aliases = [...query.matchAll(/ as (\w+)/g)].map(([, alias = ""]) => alias);
    const asked = query
      .replaceAll(/"[^"]*"|\/[^/]*\//g, "")
      .replaceAll(words, "")
      .match(/@?[A-Za-z][\w.]*/g);

    const unknown = (asked ?? [])
      .map((field) => field.split(".")[0] ?? "")
      .filter((field) => !known.has(field) && !aliases.includes(field));

    expect(asked).not.toBeNull();
    expect(unknown.filter((field) => !/^p\d\d$/.test(field))).toEqual([]);
  });

  test("finds lines by the names that they have", () => {
    const events: readonly Line["event"][] = [
      ...(["submit", "steer", "job", "manage", "attempt", "dispatch"] as const),
      ...(["quarantine", "dead-letter", "sign-in"] as const),
    ];

    const used = [...operate.matchAll(/message = "([\w-]+)"/g)].map(([, name]) => name);

    expect([...new Set(used)].toSorted()).toEqual([...events, "start"].toSorted());
    expect([...new Set(service.lines.map(({ event }) => event))].toSorted()).toEqual(
      events.toSorted(),
    );
  });
});

describe("To take down a stage that keeps its data, the page", () => {
  const section = deploy.slice(deploy.indexOf("### A stage that keeps its data"));
  const set = new Map(
    [...section.matchAll(/^([A-Z_]+)=((?!').+)$/gm)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );

  test("sets each variable that it uses, before anything is destroyed", () => {
    const used = [...section.matchAll(/"\$([A-Z_]+)"/g)].map(([, name]) => name);
    const lastSet = Math.max(...[...set].map(([name]) => section.indexOf(`\n${name}=`)));
    const shown = [...section.matchAll(/^([A-Z_]+)='\$\1'$/gm)].map(([, name]) => name);

    expect([...set.keys()].toSorted()).toEqual([...new Set(used)].toSorted());
    expect(shown.toSorted()).toEqual([...set.keys()].toSorted());
    expect(section.indexOf("\ntee ")).toBeGreaterThan(lastSet);
    expect(section.indexOf("cdk destroy")).toBeGreaterThan(section.indexOf("\nEND\n"));
  });

  test("asks the stack for all that it retains, and nothing else", () => {
    const resources = Object.entries(templates[2]?.Resources ?? {});
    const asked = [...set.values()].flatMap((value) => {
      const [, type, prefix = ""] = /^\$\(retained (\S+) (\w+|'')\)$/.exec(value) ?? [];
      const start = prefix.replace("''", "");
      const found = resources.filter(([id, { Type }]) => Type === type && id.startsWith(start));
      expect(found.length).toBe(type === undefined ? 0 : prefix === "''" ? 5 : 1);
      return found.map(([id]) => id);
    });

    const retained = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");
    expect(asked.toSorted()).toEqual(retained.map(([id]) => id).toSorted());
  });
});

describe("A command of the guides", () => {
  const commands = [addOperator, addSender, revokeKeyCommand, rotateSecretCommand, audit];
  const lines = [deploy, operate, secure].flatMap((page) =>
    [...page.matchAll(/npm run (?!bench )([\w-]+) -- ([^`\n]+)/g)].map(([line, name, options]) => ({
      ...{ line, name, options },
    })),
  );

  test.each(lines)("has options that there are: $line", ({ name, options = "" }) => {
    const command = commands.find((each) => each.name === name);

    const given = [...options.matchAll(/--([\w-]+)/g)].map(([, option]) => option);

    const { options: taken = [], flags = [] } = command?.accepted ?? {};
    expect(given.filter((option) => ![...taken, ...flags].includes(option ?? ""))).toEqual([]);
    const isComplete = !options.includes("…") || given.includes("local");
    if (isComplete)
      expect(given.filter((option) => ["table", "local"].includes(option ?? ""))).toHaveLength(1);
  });

  test("is each one of the commands", () => {
    expect(commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(lines.map(({ name }) => name)),
    );
  });
});

test("The first message of the page is one that is taken", async () => {
  const service = await openService();
  const [, json = ""] = /-d '(\{ "messageId": "first-1".+?\})'\n/s.exec(deploy) ?? [];
  const url = "https://abc.execute-api.us-east-1.amazonaws.com/";

  const answer = await service.submit(JSON.parse(json.replace(`'"\${URL}"'`, url)));

  expect(answer.status).toBe(202);
  expect(await service.get("first-1")).toMatchObject({
    ...{ method: "GET", targetUrl: `${url}healthz` },
  });
  await service.close();
});
