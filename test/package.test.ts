import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import dynalite from "dynalite";
import { dynamoDbClient } from "../adapters/clients.ts";
import { messageStore } from "../entities/message.ts";
import { createTableInput } from "../entities/table.ts";
import { aMessage, t0 } from "./support/messages.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const modules = join(root, "node_modules");

type Manifest = { readonly dependencies: Readonly<Record<string, string>> };

/*
 * The package as `npm pack` makes it, in an empty project that has nothing but what the package
 * says it depends on. Only a real install would go further, and that needs a registry.
 */
let project: string;
const server = dynalite({ createTableMs: 0 });

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "postrider-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [{ filename: string }];
  const installed = join(project, "node_modules");
  await mkdir(join(installed, "@aws-sdk"), { recursive: true });
  await run("tar", ["-xzf", join(project, filename), "-C", installed]);
  await cp(join(installed, "package"), join(installed, "postrider"), { recursive: true });
  const manifest = JSON.parse(
    await readFile(join(installed, "postrider/package.json"), "utf8"),
  ) as Manifest;
  for (const name of Object.keys(manifest.dependencies))
    await symlink(join(modules, name), join(installed, name));
  await cp(join(root, "examples/order-worker/worker.ts"), join(project, "worker.ts"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}, 60_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(project, { recursive: true });
});

describe("Another project that has the package", () => {
  test("compiles a worker against its types", async () => {
    const options = {
      ...{ strict: true, noEmit: true, module: "nodenext", target: "es2024", types: [] },
      ...{ skipLibCheck: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true },
    };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: ["worker.ts"] }),
    );

    await run(join(modules, ".bin/tsc"), ["-p", project]);
  }, 60_000);

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
  }, 60_000);

  test("claims and completes a message with the example worker, in a process of its own", async () => {
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = dynamoDbClient({ endpoint, requestTimeoutMs: 5000 });
    const table = "postrider-package";
    await client.send(new CreateTableCommand(createTableInput(table)));
    const messages = messageStore({ client, table });
    const message = aMessage({ body: Buffer.from("hello") });
    await messages.submit(message);
    const { senderId, messageId } = message;
    const main = `
      import { orderWorker, ordersTable } from "./worker.ts";
      const delivered = [];
      const deliver = async (url, body) => { delivered.push([url, new TextDecoder().decode(body)]); return true; };
      const work = orderWorker(ordersTable(${JSON.stringify(table)}), deliver);
      const record = ${JSON.stringify({ senderId, messageId, attempt: 1 })};
      const first = await work(record, () => ${t0}, "one");
      const second = await work(record, () => ${t0}, "two");
      console.log(JSON.stringify({ first, second, delivered }));
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
      first: "COMPLETED",
      second: "nothing to do",
      delivered: [[message.targetUrl, "hello"]],
    });
    expect(await messages.get(message, t0)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    client.destroy();
  });
});
