import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { masterKeyVault } from "../../adapters/vault.ts";
import { hashApiKey, operatorScopes } from "../../domain/api-key.ts";
import { parseSecret } from "../../domain/signature.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { listSenders } from "../../handlers/senders/list.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { demoSender } from "../../local/demo-sender.ts";
import { newDataDir } from "../support/edition.ts";
import { t0 } from "../support/messages.ts";
import { openTable, type TestTable } from "../support/table.ts";

const vault = masterKeyVault([Buffer.alloc(32, "a")]);

let table: TestTable;
let dataDir: string;

beforeEach(async () => {
  table = await openTable();
  dataDir = await newDataDir();
});
afterEach(async () => {
  await table.close();
  await rm(dataDir, { recursive: true });
});

const started = (keys = vault) => demoSender(table.storage, keys, dataDir, () => t0);

test("The demo sender and the operator key are the same at every start, and only keys are in files", async () => {
  const first = await started();

  const second = await started();

  expect(second).toEqual(first);
  expect(parseSecret(first.signingSecret)).toHaveLength(32);
  expect(await readFile(join(dataDir, "demo-key"), "utf8")).toBe(`${first.apiKey}\n`);
  expect(await readFile(join(dataDir, "demo-operator-key"), "utf8")).toBe(`${first.operatorKey}\n`);
  expect(await registryOf(table.storage).apiKeys.get(hashApiKey(first.operatorKey))).toMatchObject({
    scopes: operatorScopes,
  });
  expect(JSON.stringify(await table.scan())).not.toContain(first.signingSecret.slice(6));
});

test("One that was made without a secret gets one, and keeps it", async () => {
  await senderEntity(table.storage)
    .create({ senderId: "demo", createdAt: t0 - 1 })
    .go();

  const first = await started();

  expect(parseSecret(first.signingSecret)).toHaveLength(32);
  expect((await started()).signingSecret).toBe(first.signingSecret);
});

test("A sender of an edition before there was a list is listed from the next start on", async () => {
  await senderEntity(table.storage)
    .create({ senderId: "demo", createdAt: t0 - 1 })
    .go();

  await started();

  const { items } = await listSenders(registryOf(table.storage), { after: null, limit: 10 });
  expect(items.map(({ senderId }) => senderId)).toEqual(["demo"]);
});

test.each([
  ["demo-key", ""],
  ["demo-key", "garbage"],
  ["demo-key", "prk_"],
  ["demo-key", "prk_IVMNNcw1lM92XCzyX779xl7UPolWHwDdDUxxvWl3tFH1psS5"],
  ["demo-operator-key", "garbage"],
])(
  "A file %s that holds no key is an error that says so, and is left as it is: %j",
  async (name, text) => {
    const file = join(dataDir, name);
    await writeFile(file, `${text}\n`);

    await expect(started()).rejects.toThrow(
      `${file} does not hold an API key (prk_…). Put the right one back, or delete the file`,
    );

    expect(await readFile(file, "utf8")).toBe(`${text}\n`);
    expect(await table.scan()).toEqual([]);
  },
);

test("A key's file that cannot be read is an error that names it", async () => {
  await mkdir(join(dataDir, "demo-key"));

  await expect(started()).rejects.toThrow(`${join(dataDir, "demo-key")} cannot be read (EISDIR).`);
});

test("Under another master key there is no start, and no other secret", async () => {
  const first = await started();

  const other = masterKeyVault([Buffer.alloc(32, "b")]);

  await expect(started(other)).rejects.toThrow("encrypted with another master key");
  expect(await started()).toEqual(first);
});
