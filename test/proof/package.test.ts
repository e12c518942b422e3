import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import dynalite from "dynalite";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { hashApiKey } from "../../domain/api-key.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { messageStore } from "../../entities/message.ts";
import { senderStore } from "../../entities/sender.ts";
import { createTableInput } from "../../entities/table.ts";
import { apiReport, reportFile } from "../../package/api-report.ts";
import { aMessage, t0 } from "../support/messages.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const modules = join(root, "node_modules");

type Manifest = {
  readonly version: string;
  readonly bin: Readonly<Record<"postrider", string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/*
 * The package as `npm pack` makes it, in an empty project that has nothing but what the package
 * says it depends on. Only a real install would go further, and that needs a registry.
 */
let project: string;
let installedPackage: string;
let manifest: Manifest;
let packed: { readonly filename: string; readonly size: number; readonly unpackedSize: number };
const server = dynalite({ createTableMs: 0 });

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "postrider-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: root,
  });
  [packed] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [typeof packed];
  const installed = join(project, "node_modules");
  await mkdir(join(installed, "@aws-sdk"), { recursive: true });
  await run("tar", ["-xzf", join(project, packed.filename), "-C", installed]);
  await cp(join(installed, "package"), join(installed, "postrider"), { recursive: true });
  installedPackage = join(installed, "postrider");
  manifest = JSON.parse(await readFile(join(installedPackage, "package.json"), "utf8"));
  await mkdir(join(installed, "@clack"));
  // Whoever does not test has no need of the engine.
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
    if (name !== "dynalite") await symlink(join(modules, name), join(installed, name));
  await cp(join(root, "examples/order-worker/worker.ts"), join(project, "worker.ts"));
  await cp(join(root, "examples/email-worker/worker.ts"), join(project, "email.ts"));
  await cp(join(root, "examples/order-outbox/orders.ts"), join(project, "orders.ts"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(project, { recursive: true });
});

describe("Another project that has the package", () => {
  /** As strict as a new project can be; each declaration file is checked, too. */
  const strict = {
    ...{ strict: true, noEmit: true, target: "es2024", skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ noPropertyAccessFromIndexSignature: true, noImplicitOverride: true },
    ...{ verbatimModuleSyntax: true, isolatedModules: true, erasableSyntaxOnly: true },
    typeRoots: [join(modules, "@types")],
  };
  /** What the compiler says about a file of the project: one fault a line. */
  const faultsOf = async (file: string, options: object): Promise<readonly string[]> => {
    const compilerOptions = { ...strict, ...options };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: [file] }),
    );
    const { stdout } = await run(join(modules, ".bin/tsc"), ["-p", project]).catch(
      (failed: { stdout: string }) => failed,
    );
    return stdout.split("\n").filter((line) => line.includes("error TS"));
  };
  /** A project that runs its sources names them as they are. */
  const ofSources = { allowImportingTsExtensions: true };
  const resolutions = [
    ["in Node", { module: "nodenext" }],
    ["in a bundler", { module: "esnext", moduleResolution: "bundler" }],
    ["without the DOM", { module: "nodenext", lib: ["es2024"] }],
  ] as const;

  test.each(resolutions)("compiles a worker against its types, %s", async (_, options) => {
    expect(await faultsOf("worker.ts", { ...options, types: ["node"] })).toEqual([]);
  });

  test.each(resolutions)(
    "compiles the decisions without the types of Node, %s",
    async (_, options) => {
      await writeFile(
        join(project, "decisions.ts"),
        'import * as domain from "postrider/domain"; export const all = domain;',
      );

      expect(await faultsOf("decisions.ts", { ...options, types: [] })).toEqual([]);
    },
  );

  test.each(resolutions)(
    "compiles a worker without the types of Node, which only the SDK asks for, %s",
    async (_, options) => {
      const skipping = { ...options, types: [], skipLibCheck: true };
      expect(await faultsOf("worker.ts", skipping)).toEqual([]);

      const faults = await faultsOf("worker.ts", { ...options, types: [] });
      const others = /node_modules\/(@aws-sdk|@smithy|electrodb)\//;
      expect(faults.filter((fault) => !others.test(fault))).toEqual([]);
    },
  );

  test.each(resolutions)("compiles an order service against its types, %s", async (_, options) => {
    expect(await faultsOf("orders.ts", { ...options, types: ["node"] })).toEqual([]);
  });

  test("makes the entries of a message with the outbox, in a process of its own", async () => {
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = dynamoDbClient({ endpoint, requestTimeoutMs: 5000 });
    const table = "postrider-outbox";
    await client.send(new CreateTableCommand(createTableInput(table)));
    const signingSecrets = [{ sealed: "none", createdAt: t0 }] as const;
    const sender = { senderId: "shop", createdAt: t0, signingSecrets };
    await senderStore({ client, table }).create(sender);
    client.destroy();
    const main = `
      import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
      import { outbox, Problem } from "postrider/outbox";
      const box = outbox({ client: new DynamoDBClient({}), table: ${JSON.stringify(table)} });
      const message = { messageId: "a", senderId: "shop", timestamp: new Date() };
      const sent = await box.send({ ...message, targetUrl: "https://a.example/", body: { a: 1 } });
      const refused = await box.send({ ...message, targetUrl: "ftp://a" }).catch((error) => error);
      const [{ Put }] = sent.entries;
      console.log(JSON.stringify([
        Put.TableName, Put.Item.status, await sent.outcome(), await sent.dispatch(),
        refused instanceof Problem, refused.code,
      ]));
    `;
    await writeFile(join(project, "outbox.ts"), main);

    const { stdout } = await run(join(modules, ".bin/node"), ["outbox.ts"], {
      cwd: project,
      env: {
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        ...{ AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      },
    });

    expect(JSON.parse(stdout)).toEqual([
      ...[table, { S: "PENDING" }, "absent", { kind: "left", because: "no-queue" }],
      ...[true, "VALIDATION_ERROR"],
    ]);
  });

  test.each(resolutions)(
    "compiles the client without the types of Node, %s",
    async (_, options) => {
      await writeFile(
        join(project, "client.ts"),
        `import { once, type OnceStore, postrider, PostriderError, verify } from "postrider/client";
       export const client = postrider({ url: "https://a.example", key: "prk_1", senderId: "shop" });
       export const sent = client.send({ messageId: "a", targetUrl: "https://b.example" });
       export const all = [once, PostriderError, verify] as const;
       export const store = {} as OnceStore;`,
      );

      expect(await faultsOf("client.ts", { ...options, types: [] })).toEqual([]);
    },
  );

  test("runs the client with what Node has, and nothing else", async () => {
    await writeFile(
      join(project, "run-client.ts"),
      `import { verify } from "postrider/client";
       const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
       const { kind } = await verify('{"test": 2432232314}', {
         "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
         "webhook-timestamp": "1614265330",
         "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
       }, secret, { now: 1614265330000 });
       process.stdout.write(kind);`,
    );

    const { stdout } = await run(process.execPath, ["run-client.ts"], { cwd: project });

    expect(stdout).toBe("genuine");
  });

  describe("can be a CDK app with a Postrider in it", () => {
    const app = `
      import { App, Duration, Stack, type StackProps } from "aws-cdk-lib";
      import { Code, Function as Lambda, Runtime } from "aws-cdk-lib/aws-lambda";
      import { Topic } from "aws-cdk-lib/aws-sns";
      import type { Construct } from "constructs";
      import { Postrider, type PostriderProps, PostriderTable } from "postrider/cdk";

      class Shop extends Stack {
        constructor(scope: Construct, id: string, props: PostriderProps & StackProps) {
          super(scope, id, props);
          const { env: _, ...rest } = props;
          const mail = new Postrider(this, "Mail", rest);
          const orders = new Lambda(this, "Orders", {
            ...{ runtime: Runtime.NODEJS_24_X, handler: "index.handler" },
            code: Code.fromInline("exports.handler = async () => {};"),
            environment: { URL: mail.url, OUTBOX: JSON.stringify(mail.outboxSettings) },
          });
          mail.grantSend(orders, "shop");
          const till = mail.addSender("Till", { senderId: "till", defaults: { timeoutMs: 9000 } });
          till.grantRead(orders);
          mail.metricMessagesFailed().createAlarm(this, "Failed", { threshold: 1, evaluationPeriods: 1 });
        }
      }
      class Printing extends Stack {
        constructor(scope: Construct, id: string, props: StackProps) {
          super(scope, id, props);
          const mail = new Postrider(this, "Mail", { worker: false });
          const printer = new Lambda(this, "Printer", {
            ...{ runtime: Runtime.NODEJS_24_X, handler: "index.handler", timeout: Duration.minutes(1) },
            code: Code.fromInline("exports.handler = async () => {};"),
          });
          mail.addWorker(printer, { maxConcurrency: 5 });
        }
      }
      const app = new App();
      const env = { account: "123456789012", region: "eu-west-1" };
      new Printing(app, "Printing", { env });
      const data = new Stack(app, "Data", { env });
      new Shop(app, "Shop", {
        ...{ env, canary: {}, worker: { maxConcurrency: 20 } },
        table: new PostriderTable(data, "Messages"),
        alarmTopic: new Topic(data, "Night"),
      });
      app.synth();
    `;
    const synthesized = async (file: string, text: string) => {
      const outdir = join(project, `${file}.out`);
      await writeFile(join(project, file), text);
      await run(join(modules, ".bin/node"), [file], {
        cwd: project,
        env: { CDK_OUTDIR: outdir, CDK_VALIDATION: "false" },
      });
      return outdir;
    };

    // CDK's own tables do not fit its own ITable where an optional member must not be undefined.
    const asCdk = { types: ["node"], exactOptionalPropertyTypes: false };

    test("whose types are checked, and our declarations with them", async () => {
      await writeFile(join(project, "app.ts"), app);

      const faults = await faultsOf("app.ts", { ...asCdk, module: "nodenext" });

      // Those of CDK and of the SDK are not clean in a project as strict as this one.
      const others = /node_modules\/(aws-cdk-lib|constructs|@aws-sdk|@smithy|@aws-cdk)\//;
      expect(faults.filter((fault) => !others.test(fault))).toEqual([]);
    });

    test.each(resolutions)("whose types are checked, %s", async (_, options) => {
      await writeFile(join(project, "app.ts"), app);

      expect(await faultsOf("app.ts", { ...options, ...asCdk, skipLibCheck: true })).toEqual([]);
    });

    test("whose props are not any", async () => {
      await writeFile(
        join(project, "wrong-app.ts"),
        `import { Stack } from "aws-cdk-lib";
         import { Postrider } from "postrider/cdk";
         export const one = new Postrider(new Stack(), "Mail", { worker: { batch: 1 } });
         export const two = new Postrider(new Stack(), "Mail", { settings: { POSTRIDER_GRACE: "1" } });
         export const three: number = one.url;`,
      );

      const faults = await faultsOf("wrong-app.ts", {
        ...{ module: "nodenext", types: ["node"], skipLibCheck: true },
      });

      const lines = faults.map((fault) => /wrong-app\.ts\((\d),/.exec(fault)?.[1]);
      expect(lines).toEqual(["3", "4", "5"]);
    });

    test("which is synthesized with the code of the functions that the package has", async () => {
      const outdir = await synthesized("app.ts", app);

      const made = await readdir(outdir);
      const assets = made.filter((name) => name.startsWith("asset."));
      const files = await Promise.all(assets.map((asset) => readdir(join(outdir, asset))));
      expect(made).toEqual(expect.arrayContaining(["Shop.template.json", "Data.template.json"]));
      // The four, and the one that creates senders.
      expect(files).toHaveLength(5);
      for (const names of files) {
        expect(names).toContain("index.mjs");
        expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
      }
    });

    test("as CommonJS too, which is what CDK's own template of an app is", async () => {
      const outdir = await synthesized(
        "app.cjs",
        `const { App, Stack } = require("aws-cdk-lib");
         const { Postrider } = require("postrider/cdk");
         const app = new App();
         new Postrider(new Stack(app, "Shop"), "Mail");
         app.synth();`,
      );

      expect(await readdir(outdir)).toContain("Shop.template.json");
    });
  });

  test("has the command, without what only a checkout can do", async () => {
    const { port } = server.address() as AddressInfo;
    const nowhere = { POSTRIDER_URL: `http://127.0.0.1:${port}`, XDG_CONFIG_HOME: project };
    const postrider = async (...args: readonly string[]) => {
      const bin = join(installedPackage, manifest.bin.postrider);
      const env = { PATH: process.env["PATH"], ...nowhere };
      const options = { cwd: project, env };
      return run(process.execPath, [bin, ...args], options).catch(
        (failed: { code: number; stdout: string; stderr: string }) => failed,
      );
    };

    const version = await postrider("--version");
    const noKey = await postrider("list");
    const unread = await postrider("list", "--key", "prk_1");
    const dev = await postrider("dev");
    const audit = await postrider("audit", "--shards=x");
    const doctor = await postrider("doctor", "--data-dir", join(project, "none"), "--json");
    const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
    const check = await postrider("check", "http://127.0.0.1:9", "--secret", secret, "--yes");

    expect(version.stdout).toBe(`${manifest.version}\n`);
    expect(noKey).toMatchObject({ code: 2, stderr: expect.stringContaining("no API key") });
    expect(unread).toMatchObject({ code: 1, stderr: expect.stringContaining("is not Postrider") });
    expect(dev).toMatchObject({ code: 2, stderr: expect.stringContaining("needs the engines") });
    expect(JSON.parse(doctor.stdout).findings).toContainEqual(
      expect.objectContaining({ about: "data-dir", level: "attention" }),
    );
    expect(check).toMatchObject({ code: 2, stderr: expect.stringContaining("--allow-private") });
    expect(audit).toMatchObject({ code: 2, stderr: expect.stringContaining("--table: ") });
  });

  test("has types in what it gets: none of them is any where Node's are missing", async () => {
    const wrong = `
      import { lifecycle, type Message } from "postrider/domain";
      import { messageStore, type Storage } from "postrider/entities";
      export const one: number = ({} as Message).messageId;
      export const two: string = lifecycle;
      export const three = (s: Storage) => messageStore(s).get("order-1");
      export const four = (): Storage => ({ client: "none", table: "postrider" });
    `;
    await writeFile(join(project, "wrong.ts"), wrong);

    const faults = await faultsOf("wrong.ts", {
      module: "nodenext",
      types: [],
      skipLibCheck: true,
    });

    const lines = faults.map((fault) => /wrong\.ts\((\d),/.exec(fault)?.[1]);
    expect(lines).toEqual(["4", "5", "6", "7"]);
  });

  test("makes the first operator key of a deployment, on its table", async () => {
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = dynamoDbClient({ endpoint, requestTimeoutMs: 5000 });
    const table = "postrider-operators";
    await client.send(new CreateTableCommand(createTableInput(table)));
    const postrider = (...args: readonly string[]) =>
      run(process.execPath, [join(installedPackage, manifest.bin.postrider), ...args], {
        cwd: project,
        env: {
          ...{ PATH: process.env["PATH"], AWS_ENDPOINT_URL_DYNAMODB: endpoint },
          ...{ AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
        },
      }).catch((failed: { code: number; stdout: string; stderr: string }) => failed);

    const made = await postrider("add-operator", "--table", table, "--print");
    const help = await postrider("rotate-secret", "--help");
    const none = await postrider("revoke-key", "--table", "-");

    const key = /API key +(prk_\w+)/.exec(made.stdout)?.[1] ?? "";
    expect(await apiKeyStore({ client, table }).get(hashApiKey(key))).toBeDefined();
    expect(made.stdout).toContain("keep it to revoke the key, with postrider revoke-key.");
    expect(help.stdout).toMatch(/^postrider rotate-secret \(/);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("--table: ") });
    client.destroy();
  });

  test("is told by the compiler when a change lacks what its conditions need", async () => {
    const careless = `
      import { messageStore, type Storage } from "postrider/entities";
      export const f = (s: Storage) =>
        messageStore(s).enqueue({ senderId: "a", messageId: "b" }, { now: 1 });
    `;
    await writeFile(join(project, "careless.ts"), careless);
    const args = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];

    const compiling = run(join(modules, ".bin/tsc"), [...args, "--ignoreConfig", "careless.ts"], {
      cwd: project,
    });

    await expect(compiling).rejects.toMatchObject({
      stdout: expect.stringMatching(/careless\.ts.*Property 'seen' is missing/s),
    });
  });

  /** Submits an order to a new table, as a worker in another process then finds it. */
  const submitted = async (table: string) => {
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = dynamoDbClient({ endpoint, requestTimeoutMs: 5000 });
    await client.send(new CreateTableCommand(createTableInput(table)));
    const messages = messageStore({ client, table });
    const giveUpAt = Date.now() + 86_400_000;
    const message = aMessage({ body: Buffer.from('{"orderId":"1"}'), giveUpAt, ttl: giveUpAt });
    await messages.submit(message);
    return { endpoint, client, messages, message };
  };

  test("claims and completes a message with the example worker, in a process of its own", async () => {
    const table = "postrider-package";
    const { endpoint, client, messages, message } = await submitted(table);
    const { senderId, messageId } = message;
    const main = `
      import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
      import { worker } from "postrider/worker";
      import { orderWorker } from "./worker.ts";
      const handed = [], lines = [];
      const log = { line: ({ verdict }) => lines.push(verdict), failure: console.error };
      const own = worker({ client: new DynamoDBClient({}), table: ${JSON.stringify(table)} }, { log });
      const handler = orderWorker(own, async (order, key) => handed.push([order, key]));
      const body = JSON.stringify(${JSON.stringify({ v: 1, senderId, messageId, attempt: 1 })});
      const event = { Records: [{ messageId: "sqs-1", body }, { messageId: "sqs-2", body: "{}" }] };
      const context = { getRemainingTimeInMillis: () => 60_000 };
      const first = await handler(event, context);
      const second = await handler({ Records: event.Records.slice(0, 1) }, context);
      console.log(JSON.stringify({ first, second, handed, lines }));
    `;
    await writeFile(join(project, "main.ts"), main);

    const { stdout } = await run(join(modules, ".bin/node"), ["main.ts"], {
      cwd: project,
      env: {
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        ...{ AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      },
    });

    expect(JSON.parse(stdout)).toEqual({
      first: { batchItemFailures: [{ itemIdentifier: "sqs-2" }] },
      second: { batchItemFailures: [] },
      handed: [[{ orderId: "1" }, expect.stringMatching(/^msg_/)]],
      lines: ["complete", "record-dropped"],
    });
    const now = Date.now();
    expect(await messages.get(message, now)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    client.destroy();
  });

  test("settles a message by the function that addWorker attaches, and publishes for its alarms", async () => {
    const table = "postrider-attached";
    const { endpoint, client, messages, message } = await submitted(table);
    const { senderId, messageId } = message;
    const main = `
      const asked = [];
      globalThis.fetch = async (url, { headers }) => {
        asked.push([url, headers["idempotency-key"]]);
        return new Response();
      };
      const { handler } = await import("./function.ts");
      const body = JSON.stringify(${JSON.stringify({ v: 1, senderId, messageId, attempt: 1 })});
      const context = { getRemainingTimeInMillis: () => 60_000 };
      await handler({ Records: [{ messageId: "sqs-1", body }] }, context);
      console.log(JSON.stringify({ asked }));
    `;
    await cp(join(root, "examples/order-worker/function.ts"), join(project, "function.ts"));
    await writeFile(join(project, "attached.ts"), main);

    const { stdout } = await run(join(modules, ".bin/node"), ["attached.ts"], {
      cwd: project,
      env: {
        ...{ POSTRIDER_TABLE: table, POSTRIDER_QUEUE_URL: `${endpoint}/1/queue` },
        ...{ POSTRIDER_METRICS_NAMESPACE: "Postrider/shop", POSTRIDER_SETTINGS: "{}" },
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        ...{ AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
      },
    });

    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({
      asked: [["https://orders.example/1", expect.stringMatching(/^msg_/)]],
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ service: "postrider-worker", MessagesCompleted: 1 }),
    );
    expect(await messages.get(message, Date.now())).toMatchObject({ status: "COMPLETED" });
    client.destroy();
  });

  describe("and its tests", () => {
    const ofTheirs = `
      import assert from "node:assert";
      import test from "node:test";
      import { emailWorker, type Mail } from "./email.ts";
      import { assertDelivered, assertStatus, startTestPostrider, startTestTable } from "postrider/testing";

      test("an order is delivered, after two days of trouble", async () => {
        const mail = await startTestPostrider();
        const orders = mail.receiver("https://orders.example/", 503);
        await mail.client.send({ messageId: "order-1", targetUrl: orders.url, body: { total: 7 } });
        await mail.advance("20h");
        orders.always(200);
        await mail.advance("1d");
        const [first] = assertDelivered(orders, { times: orders.deliveries.length });
        const { attempts } = await assertStatus(mail, "order-1", "COMPLETED");
        assert.equal(attempts, orders.deliveries.length);
        assert.equal(first.attempt, 1);
        await mail.stop();
      });
      test("a mail is sent by a worker of its own", async () => {
        const sent: Mail[] = [];
        const worker = (own: Parameters<typeof emailWorker>[0]) =>
          emailWorker(own, async (mail) => { sent.push(mail); return { kind: "sent" }; });
        const postrider = await startTestPostrider({ worker });
        const body = { to: "ada@example.com", subject: "Hello", text: "Hello" };
        await postrider.client.send({ messageId: "mail-1", targetUrl: "https://a.example/", body });
        await postrider.advance();
        assert.deepEqual(sent, [body]);
        await postrider.stop();
      });
      for (let count = 1; count <= 10; count += 1)
        test("a table of its own " + count, async () => {
          const table = await startTestTable();
          assert.equal((await table.items()).length, 0);
          await table.stop();
        });
    `;
    const engine = () => join(project, "node_modules/dynalite");
    beforeAll(async () => {
      await writeFile(join(project, "theirs.test.ts"), ofTheirs);
    });

    test.each(resolutions)("compile against the types of the kit, %s", async (_, options) => {
      expect(
        await faultsOf("theirs.test.ts", { ...options, types: ["node"], ...ofSources }),
      ).toEqual([]);
    });

    test("say what to install where the engine is missing", async () => {
      const main = `
        import { startTestTable } from "postrider/testing";
        await startTestTable().catch(({ message }) => console.log(message));
      `;
      await writeFile(join(project, "no-engine.ts"), main);

      const { stdout } = await run(join(modules, ".bin/node"), ["no-engine.ts"], { cwd: project });

      const { peerDependencies } = manifest;
      expect(stdout).toContain(`npm install --save-dev "dynalite@${peerDependencies["dynalite"]}"`);
    });

    test("run with the engine, and with nothing that jest brings", async () => {
      await symlink(join(modules, "dynalite"), engine());
      const args = ["--test", "--test-reporter=tap", "theirs.test.ts"];

      const { stdout } = await run(join(modules, ".bin/node"), args, {
        cwd: project,
        env: { PATH: process.env["PATH"] },
      });

      expect(stdout).toMatch(/^# pass 12$/m);
      expect(stdout).toMatch(/^# fail 0$/m);
    });

    /** Tests as somebody has them in a runner of their own, which replaces what it can replace. */
    const inRunner = (imports: string, fakeDate: string) => `
      ${imports}
      import { assertDelivered, assertStatus, startTestPostrider, startTestTable } from "postrider/testing";

      test("an order is delivered, after two days of trouble", async () => {
        const mail = await startTestPostrider();
        const orders = mail.receiver("https://orders.example/", 503);
        await mail.client.send({ messageId: "order-1", targetUrl: orders.url, body: { total: 7 } });
        await mail.advance("20h");
        orders.always(200);
        await mail.advance("1d");
        assertDelivered(orders, { times: orders.deliveries.length });
        await assertStatus(mail, "order-1", "COMPLETED");
        expect(mail.failures).toEqual([]);
        await mail.stop();
      });
      test("a wrong assertion fails with what there was", async () => {
        const mail = await startTestPostrider();
        const orders = mail.receiver("https://orders.example/", 200);
        expect(() => assertDelivered(orders)).toThrow("orders.example");
        await mail.stop();
      });
      test("a replaced Date does no harm", async () => {
        ${fakeDate}
        const table = await startTestTable();
        expect(await table.items()).toEqual([]);
        await table.stop();
      });
      for (let count = 1; count <= 10; count += 1)
        test("a table of its own " + count, async () => {
          const table = await startTestTable();
          expect(await table.items()).toEqual([]);
          await table.stop();
        });
    `;
    const runners = [
      {
        runner: "vitest",
        file: "theirs.vitest.test.ts",
        text: inRunner(
          'import { expect, test, vi } from "vitest";',
          'vi.useFakeTimers({ toFake: ["Date"] });',
        ),
        args: ["vitest/vitest.mjs", "run", "--reporter=json", "theirs.vitest.test.ts"],
        env: {},
      },
      {
        runner: "jest",
        file: "theirs.jest.test.mjs",
        text: inRunner(
          'import { expect, jest, test } from "@jest/globals";',
          'jest.spyOn(Date, "now").mockReturnValue(0);',
        ),
        args: ["jest/bin/jest.js", "--json", "--config", "jest.theirs.json"],
        env: { NODE_OPTIONS: "--experimental-vm-modules --no-warnings" },
      },
    ] as const;

    test.each(runners)("run in $runner", async ({ runner, file, text, args, env }) => {
      await writeFile(join(project, file), text);
      await writeFile(
        join(project, "jest.theirs.json"),
        '{ "transform": {}, "testMatch": ["**/*.jest.test.mjs"], "watchman": false }',
      );
      await mkdir(join(project, "node_modules/@jest"), { recursive: true });
      const names = runner === "jest" ? ["jest", "@jest/globals"] : ["vitest"];
      for (const name of names)
        await symlink(join(modules, name), join(project, "node_modules", name));
      const [program, ...rest] = args;

      await run(
        join(modules, ".bin/node"),
        [join(project, "node_modules", program), ...rest, "--outputFile=report.json"],
        { cwd: project, env: { PATH: process.env["PATH"], CI: "true", ...env } },
      );

      const report = await readFile(join(project, "report.json"), "utf8");
      const { numPassedTests, numTotalTests } = JSON.parse(report);
      expect([numPassedTests, numTotalTests]).toEqual([13, 13]);
    });

    test("get everything else from what the package depends on", async () => {
      const bundle = await readFile(
        join(installedPackage, "dist/package/testing/index.js"),
        "utf8",
      );
      const named = [...bundle.matchAll(/^(?:import|export) .*?from "([^".][^"]*)"/gm)];
      const others = named.map(([, name = ""]) => name).filter((name) => !/^node:/.test(name));
      const known = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

      expect(others.length).toBeGreaterThan(5);
      expect([...new Set(others)].filter((name) => !known.includes(name))).toEqual([]);
      expect(bundle).not.toContain("Dynamic require");
    });
  });

  test("has the public API that is written down, and no other", async () => {
    // Who means the change writes it down: npm run api.
    expect(apiReport()).toBe(await readFile(reportFile, "utf8"));
  });

  test("gets no more than it needs: size and number of files", async () => {
    const { size, unpackedSize } = packed;
    const inKb = (bytes: number): string => `${Math.round(bytes / 1000)} KB`;
    process.stdout.write(`The package: ${inKb(size)}, unpacked ${inKb(unpackedSize)}\n`);

    expect(size).toBeLessThan(2_000_000);
    expect(unpackedSize).toBeLessThan(6_000_000);
  });
});

describe("The clients of the SDK", () => {
  type Manifest = Readonly<Record<"dependencies" | "devDependencies", Record<string, string>>>;
  type Lock = { readonly packages: Readonly<Record<string, { readonly version?: string }>> };
  const read = async <Read>(file: string) =>
    JSON.parse(await readFile(join(root, file), "utf8")) as Read;
  const isClient = (name: string) => /^@aws-sdk\/client-/.test(name);

  test("are of one version, so that they share one core", async () => {
    const { dependencies, devDependencies } = await read<Manifest>("package.json");
    const clients = Object.entries({ ...devDependencies, ...dependencies }).filter(([name]) =>
      isClient(name),
    );
    const { packages } = await read<Lock>("package-lock.json");
    const locked = clients.map(([name]) => packages[`node_modules/${name}`]?.version);

    expect(clients).toHaveLength(3);
    expect(new Set([...clients.map(([, version]) => version), ...locked]).size).toBe(1);
    const cores = Object.keys(packages).filter((name) =>
      /node_modules\/@(smithy|aws-sdk)\/core$/.test(name),
    );
    expect(cores).toEqual(["node_modules/@aws-sdk/core", "node_modules/@smithy/core"]);
  });
});
