import { randomBytes } from "node:crypto";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { examineLocal } from "../../../cli/doctor/examine-local.ts";
import { examineService } from "../../../cli/doctor/examine-service.ts";
import { type LocalFacts, localFindings } from "../../../cli/doctor/local-findings.ts";
import { serviceFindings } from "../../../cli/doctor/service-findings.ts";
import { systemOutside } from "../../../client/outside.ts";
import { command } from "../../support/command.ts";
import { newDataDir, useEdition } from "../../support/edition.ts";

const signal = new AbortController().signal;
const examine = (dataDir: string, environment: Readonly<Record<string, string>> = {}) =>
  // No edition that somebody runs beside the tests is to be found.
  examineLocal({ ...systemOutside, environment: { PORT: "0", ...environment }, signal }, dataDir);

/** What is found, by what it is about. */
const found = (facts: LocalFacts): Readonly<Record<string, string>> =>
  Object.fromEntries(localFindings(facts).map(({ about, level }) => [about, level]));

describe("An edition that runs", () => {
  const edition = useEdition();

  test("is found to be well, with all that belongs to it", async () => {
    const local = await examine(edition.dataDir);
    const { url, apiKey: key, operatorKey } = edition;
    const service = await examineService(
      { ...systemOutside, signal, certificateAt: async () => undefined },
      { url, key, operatorKey, isLocal: true },
    );

    expect({ ...local, directory: local.directory.kind }).toMatchObject({
      ...{ directory: "there", edition: "running", masterKey: "same", settingFaults: [] },
    });
    const findings = [...localFindings(local), ...serviceFindings(service)];
    // How much space this machine has left is no verdict on the edition.
    const bad = findings.filter(({ about, level }) => about !== "disk" && level !== "ok");
    expect(bad).toEqual([]);
    expect(findings.map(({ about }) => about)).toEqual([
      ...["data-dir", "disk", "settings", "edition", "master-key"],
      ...["health", "clock", "sender-key", "operator-key", "backlog", "failures"],
    ]);
  });

  test("is found by the command, which sends its keys to nobody else", async () => {
    const { code, out, err } = await command(["doctor", "--data-dir", edition.dataDir], {
      ...systemOutside,
      environment: { PORT: "0", POSTRIDER_URL: "https://example.com" },
    });

    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("ok         The local edition is running.\n");
    expect(out).toContain(
      "ok         The key of the operator is valid, with senders:read (senders:write was not tried).\n",
    );
    expect(out).not.toContain("prk_");
  });

  test("with another master key than this environment is found out", async () => {
    const other = randomBytes(32).toString("base64");

    expect(found(await examine(edition.dataDir, { POSTRIDER_MASTER_KEY: other }))).toMatchObject({
      "master-key": "broken",
    });
  });

  test("whose files others may read is found out, and which files", async () => {
    await chmod(join(edition.dataDir, "local.json"), 0o644);
    const facts = await examine(edition.dataDir);
    await chmod(join(edition.dataDir, "local.json"), 0o600);

    expect(facts.directory).toMatchObject({ kind: "there", open: ["local.json"] });
    expect(localFindings(facts)[0]).toMatchObject({ level: "broken", about: "data-dir" });
  });
});

describe("A data directory without an edition", () => {
  let dataDir = "";
  beforeEach(async () => {
    dataDir = await newDataDir();
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  test("is told from one of an edition that was killed", async () => {
    const stopped = await examine(dataDir);
    await writeFile(
      join(dataDir, "operator.json"),
      JSON.stringify({
        ...{ table: "postrider", endpoint: "http://127.0.0.1:1", accessKeyId: "secret" },
        masterKeyId: "id",
      }),
      { mode: 0o600 },
    );

    expect(stopped.edition).toBe("stopped");
    expect((await examine(dataDir)).edition).toBe("killed");
  });

  test("that is not there, or is a file, is told so", async () => {
    await rm(dataDir, { recursive: true });
    const missing = await examine(dataDir);
    await writeFile(dataDir, "");

    expect(found(missing)).toMatchObject({ "data-dir": "attention", edition: "attention" });
    expect(found(await examine(dataDir))).toMatchObject({ "data-dir": "broken" });
  });

  test("with a table but no master key has lost it; without a table it has none yet", async () => {
    const fresh = await examine(dataDir);
    await mkdir(join(dataDir, "table"));
    const lost = await examine(dataDir);
    await writeFile(join(dataDir, "master-key"), "no key", { mode: 0o600 });

    expect(fresh.masterKey).toBe("not-compared");
    expect(lost.masterKey).toBe("missing");
    expect((await examine(dataDir)).masterKey).toBe("damaged");
  });

  test("is told that another program has the port", async () => {
    const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const { port } = server.address() as AddressInfo;

    const facts = await examine(dataDir, { PORT: String(port) });
    server.close();

    expect(localFindings(facts).find(({ about }) => about === "edition")).toMatchObject({
      what: expect.stringContaining(`Another program has its port, ${port}.`),
    });
  });
});

test("every fault of the settings is told, and what is misspelt", async () => {
  const dataDir = await newDataDir();
  const faulty = await examine(dataDir, { PORT: "many", POSTRIDER_SHARDS: "0" });
  const odd = await examine(dataDir, { POSTRIDER_PRT: "1" });
  await rm(dataDir, { recursive: true });

  expect(faulty.settingFaults).toHaveLength(2);
  expect(found(faulty)).toMatchObject({ settings: "broken" });
  expect(odd.settingWarnings).toEqual(["POSTRIDER_PRT is not a setting and changes nothing."]);
  expect(found(odd)).toMatchObject({ settings: "attention" });
});

test.each([
  [10 * 2 ** 30, "ok", "10.0 GiB"],
  [2 ** 30 - 1, "attention", "1023 MiB"],
  [2 ** 20, "broken", "1 MiB"],
])("%d free bytes are %s", (freeBytes, level, words) => {
  const facts: LocalFacts = {
    ...{ dataDir: "/data", directory: { kind: "there", freeBytes, open: [] } },
    ...{ settingFaults: [], settingWarnings: [], edition: "running", masterKey: "same" },
    port: { number: 0, isTaken: false },
  };

  expect(localFindings(facts)[1]).toMatchObject({ level, what: expect.stringContaining(words) });
});
