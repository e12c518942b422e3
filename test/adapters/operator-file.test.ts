import { rm, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  operatorFile,
  readOperatorAccess,
  writeOperatorAccess,
} from "../../adapters/operator-file.ts";
import { newDataDir } from "../support/edition.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await newDataDir();
});
afterEach(() => rm(dataDir, { recursive: true }));

const access = {
  ...{ table: "postrider", endpoint: "http://127.0.0.1:4567" },
  ...{ accessKeyId: "0123", masterKeyId: "any" },
};

test("what is written is read, and only its owner can read it", async () => {
  await writeOperatorAccess(dataDir, access);

  expect(await readOperatorAccess(dataDir)).toEqual(access);
  expect((await stat(operatorFile(dataDir))).mode & 0o777).toBe(0o600);
});

test("where there is no file there is no access", async () => {
  expect(await readOperatorAccess(dataDir)).toBeUndefined();
});

test.each([
  ...["", "{", "[]", "null"],
  JSON.stringify({ ...access, accessKeyId: "" }),
  JSON.stringify({ ...access, masterKeyId: undefined }),
])("a damaged file is no access: %j", async (text) => {
  await writeFile(operatorFile(dataDir), text);

  expect(await readOperatorAccess(dataDir)).toBeUndefined();
});

test.each([
  "http://198.51.100.7:80",
  "http://127.0.0.1:80@198.51.100.7",
  "http://127.0.0.1.example:80",
  "http://127.0.0.1:80/\nhttp://198.51.100.7",
  "https://127.0.0.1:80",
  "http://localhost:80",
])("an address that is not of this machine is no access: %j", async (endpoint) => {
  await writeFile(operatorFile(dataDir), JSON.stringify({ ...access, endpoint }));

  expect(await readOperatorAccess(dataDir)).toBeUndefined();
});
