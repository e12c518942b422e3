import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemOutside } from "../../../client/outside.ts";
import { postriderOver } from "../../../client/postrider.ts";
import { command, commandOn } from "../../support/command.ts";
import { until, useEdition } from "../../support/edition.ts";
import { useService } from "../../support/service.ts";

const service = useService();
const postrider = commandOn(service);
let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "postrider-doctor-"));
});
afterAll(() => rm(home, { recursive: true }));

test("doctor examines a deployment with the key that it is given, of whichever kind", async () => {
  const ofSender = await postrider(["doctor"]);
  const ofOperator = await postrider(["doctor", "--key", await service.operatorKey()]);

  expect(ofSender).toMatchObject({ code: 0, err: "" });
  expect(ofSender.out.split("\n")).toEqual([
    "ok         https://postrider.example.com answers after 0 ms.",
    "ok         The key of the sender is valid, with messages:read and messages:write.",
    "ok         No message is unfinished.",
    "ok         No message FAILED within the last day.",
    "",
  ]);
  expect(ofOperator).toMatchObject({ code: 0, err: "" });
  expect(ofOperator.out).toContain(
    "The key of the operator is valid, with senders:read (senders:write was not tried).",
  );
  expect(ofOperator.out).toContain("note       There is no key of a sender");
});

test("doctor --json prints one object, and ends with 4 where something is wrong", async () => {
  const { code, out, err } = await postrider(["doctor", "--json", "--key", "prk_nonsense"]);

  expect(code).toBe(4);
  expect(JSON.parse(out)).toMatchObject({
    ...{ isWell: false, url: "https://postrider.example.com" },
    findings: [
      { level: "ok", about: "health" },
      { level: "broken", about: "sender-key", what: "The key of the sender is not valid." },
    ],
  });
  expect(JSON.parse(err)).toMatchObject({ error: { exitCode: 4 } });
  expect(out + err).not.toContain("nonsense");
});

test("doctor without a Postrider says what is wrong with the local edition", async () => {
  const environment = { HOME: home, PORT: "0", POSTRIDER_DATA_DIR: join(home, "none") };

  const { code, out } = await command(["doctor"], { environment });

  expect(code).toBe(4);
  expect(out).toContain(`There is no data directory ${join(home, "none")}.`);
  expect(out).toContain("Start it with postrider dev.");
});

describe("doctor --deployed", () => {
  const edition = useEdition();

  test("sends a message through a running deployment, and says that it arrived", async () => {
    const environment = { HOME: home, POSTRIDER_DATA_DIR: edition.dataDir, PORT: "0" };

    const options = { ...systemOutside, environment };
    const { out, err } = await command(["doctor", "--deployed"], options);

    expect(err).not.toContain("broken");
    expect(out).toMatch(/^ok +A message to the deployment itself arrived after \d+ ms/m);
  });

  test("needs the key of a sender", async () => {
    const options = { environment: { POSTRIDER_KEY: "" } };

    const { code, err } = await postrider(["doctor", "--deployed"], options);

    expect(code).toBe(2);
    expect(err).toContain("There is no API key of a sender");
  });

  test("says in its exit code whether it works, whatever FAILED before", async () => {
    const call = { key: edition.apiKey, url: edition.url, senderId: "demo" };
    const client = postriderOver(systemOutside)(call);
    const targetUrl = `${edition.url}/nothing`;
    await client.send({ messageId: "lost", targetUrl, retry: { maxAttempts: 1 } });
    await until(
      () => client.get("lost"),
      ({ status }) => status === "FAILED",
    );

    const environment = { HOME: home, POSTRIDER_DATA_DIR: edition.dataDir, PORT: "0" };
    const options = { ...systemOutside, environment };
    const without = await command(["doctor"], options);
    const deployed = await command(["doctor", "--deployed"], options);

    expect(without).toMatchObject({ code: 4, out: expect.stringContaining("1 message FAILED") });
    expect(deployed).toMatchObject({ code: 0, out: expect.stringContaining("1 message FAILED") });
  });

  test("sends nothing where the deployment does not answer", async () => {
    const fetch = () => Promise.reject(new Error("down"));

    const { code, out } = await postrider(["doctor", "--deployed"], { fetch });

    expect(code).toBe(4);
    expect(out.trim().split("\n")).toHaveLength(2);
  });
});
