import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** Waits for the local edition, sends it one message, and waits until that is COMPLETED. */
const patienceMs = 60_000;
const [file = ""] = process.argv.slice(2);

const until = async <Found>(look: () => Promise<Found | undefined>): Promise<Found> => {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error("Nothing has come within a minute");
};

const { url, senderId, apiKey } = await until(
  async () =>
    JSON.parse(await readFile(file, "utf8")) as { url: string; senderId: string; apiKey: string },
);
const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
const message = {
  ...{ messageId: "first", senderId, timestamp: new Date().toISOString() },
  ...{ targetUrl: `${url}/echo`, body: { hello: "world" } },
};
const accepted = await fetch(`${url}/v1/messages`, {
  method: "POST",
  headers,
  body: JSON.stringify(message),
});
if (accepted.status !== 202) throw new Error(`The submit was answered ${accepted.status}`);

const status = await until(async () => {
  const answer = await fetch(`${url}/v1/messages/first`, { headers });
  const { status } = (await answer.json()) as { status: string };
  return status === "COMPLETED" ? status : undefined;
});
process.stdout.write(`${status}\n`);
