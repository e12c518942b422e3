/** The rotation that the page on securing lets one rehearse: its commands, as npm runs them. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { runCommand, shown } from "../cli/aws.ts";
import { killLeftovers, newDataDir, startProcess, until } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

afterAll(killLeftovers);

const page = readFileSync(join(import.meta.dirname, "../../docs/guides/secure.md"), "utf8");
const [, rehearsal = ""] = /\n### Rehearse a rotation\n(.+?)\n### /s.exec(page) ?? [];
const commands = [...rehearsal.matchAll(/^ +npm run ([\w-]+) -- (.+)$/gm)].map(
  ([, name = "", options = ""]) => ({ name, options: options.split(" ") }),
);

/** Runs a command of the page. It shows what it shows on a terminal. */
const paste = async (name: string, dataDir: string, input = ""): Promise<string> => {
  const { options = [] } = commands.find((each) => each.name === name) ?? {};
  const print = name === "revoke-key" ? [] : ["--print"];
  const { code, out, err } = await runCommand(
    name as Parameters<typeof runCommand>[0],
    [...options, ...print],
    { POSTRIDER_DATA_DIR: dataDir },
    input,
  );
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

test("A rotation is rehearsed with the commands of the page, in its order", async () => {
  const [dataDir, receiver] = await Promise.all([newDataDir(), openReceiver()]);
  let edition = await startProcess(dataDir);
  const submit = async (messageId: string, apiKey: string) => {
    const senderId = "rehearsal";
    const [timestamp, targetUrl] = ["2026-03-01T12:00:00Z", `${receiver.url}/hook`];
    const answer = await fetch(`${edition.url}/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ messageId, senderId, timestamp, targetUrl, body: {} }),
    });
    await answer.text();
    return answer.status;
  };
  expect(commands.map(({ name }) => name)).toEqual(["add-sender", "rotate-secret", "revoke-key"]);

  const added = await paste("add-sender", dataDir);
  const rotated = await paste("rotate-secret", dataDir);

  const apiKey = shown(added, "API key");
  expect(await submit("first", apiKey)).toBe(202);
  const [delivery] = await until(
    async () => receiver.of("first"),
    (seen) => seen.length > 0,
  );
  const headers = delivery?.headers as Record<string, string>;
  const signatures = headers["webhook-signature"]?.split(" ") ?? [];
  expect(signatures).toHaveLength(2);
  for (const [at, out] of [rotated, added].entries())
    new Webhook(shown(out, "Signing secret")).verify(delivery?.body.toString() ?? "", {
      ...headers,
      "webhook-signature": signatures[at] ?? "",
    });

  await paste("revoke-key", dataDir, `${apiKey}\n`);
  // An edition that has used the key knows it for a minute; another start does not.
  await edition.interrupt();
  edition = await startProcess(dataDir);
  expect(await submit("second", apiKey)).toBe(401);

  await edition.interrupt();
  receiver.close();
  await rm(dataDir, { recursive: true });
});
