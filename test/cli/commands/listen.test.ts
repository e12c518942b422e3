import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { rendered } from "../../../adapters/styled.ts";
import { formatSecret } from "../../../domain/signature.ts";
import { type CommandOptions, command } from "../../support/command.ts";
import { openReceiver } from "../../support/receiver.ts";

const secret = formatSecret(new Uint8Array(32).fill(7));
/** No edition runs with it, and none that runs beside the tests is found. */
let dataDir = "";
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "postrider-listen-"));
});
afterAll(() => rm(dataDir, { recursive: true }));

/** Runs `postrider listen` until something was done with its address, and then stops it. */
const listening = async (
  args: readonly string[],
  use: (url: string) => Promise<unknown>,
  environment: Readonly<Record<string, string>> = {},
  { isSlow = false, ...overrides }: CommandOptions & { readonly isSlow?: boolean } = {},
) => {
  const stop = new AbortController();
  const lines: string[] = [];
  const greeted = Promise.withResolvers<string>();
  const take: CommandOptions["err"] = (line) => {
    lines.push(rendered(line, false));
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join("\n")) ?? [];
    if (url !== undefined) greeted.resolve(url);
  };
  const out: CommandOptions["out"] = (line) => {
    take(line);
    return !isSlow;
  };
  const ended = command(["listen", "--port", "0", "--data-dir", dataDir, ...args], {
    ...{ out, err: take, interrupted: stop.signal, environment, ...overrides },
  });
  await use(await greeted.promise);
  stop.abort();
  return { code: (await ended).code, lines };
};

const post = (url: string) => fetch(url, { method: "POST", body: "hello" });

test("listen says how to send to it, shows what comes, and ends well with Ctrl-C", async () => {
  const { code, lines } = await listening([], (url) => post(`${url}/hook`));

  expect(code).toBe(0);
  expect(lines.map((line) => line.replace(/:\d{4,5}\b/, ":4000"))).toEqual([
    "Listening on http://127.0.0.1:4000, which only this machine reaches. Ctrl-C stops.",
    "Signatures are not checked: set POSTRIDER_SIGNING_SECRET.",
    "Send something to it from another terminal:",
    `  postrider send http://127.0.0.1:4000/hook --body '{"hello":"world"}' --wait`,
    "12:00:00.000  POST /hook: answers 204",
    "  message     no postrider-message-id: not sent by Postrider",
    "  signature   not checked: no signing secret was given",
    "  body        5 bytes of text/plain;charset=UTF-8",
    "1 request: 0 refused, 0 repeats.",
  ]);
});

test("listen --json prints an object a line, the first with the address", async () => {
  const { lines } = await listening(["--json"], post, { POSTRIDER_SIGNING_SECRET: secret });

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { kind: "listening", url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    {
      ...{ kind: "delivery", at: "2026-03-01T12:00:00.000Z", method: "POST", path: "/" },
      ...{ contentType: "text/plain;charset=UTF-8", bytes: 5, seen: 1, acceptedBefore: false },
      ...{ signature: "no-webhook-id", answer: { manner: "plain", status: 401, delayMs: 0 } },
    },
  ]);
});

test("listen plays the bad receiver as it is told", async () => {
  const statuses: number[] = [];
  const headers = { "webhook-id": "msg_1" };
  const { lines } = await listening(
    ["--status", "503", "--status-for", "1", "--delay", "2s"],
    async (url) => {
      for (let count = 0; count < 2; count += 1)
        statuses.push((await fetch(url, { method: "POST", headers })).status);
    },
  );

  expect(statuses).toEqual([503, 204]);
  expect(lines.filter((line) => line.includes("answers"))).toEqual([
    expect.stringMatching(/answers 503 after 2s$/),
    expect.stringMatching(/answers 204$/),
  ]);
});

test("listen answers nothing that was not printed: a reader who is slow is waited for", async () => {
  const order: string[] = [];
  const drained = async (): Promise<void> => {
    await new Promise((turn) => setImmediate(turn));
    order.push("printed");
  };
  const use = async (url: string): Promise<void> => {
    await post(url);
    order.push("answered");
  };

  await listening(["--json"], use, {}, { drained, isSlow: true });

  expect(order).toEqual(["printed", "answered"]);
});

test("listen on a port that is taken says what to do", async () => {
  const receiver = await openReceiver();
  const { port } = new URL(receiver.url);

  const { code, err } = await command(["listen", "--port", port, "--data-dir", dataDir]);
  receiver.close();

  expect({ code, err }).toEqual({
    code: 1,
    err: `Port ${port} is in use.\nChoose another with --port; --port 0 takes any that is free.\n`,
  });
});

test("listen names every fault of its options at once, and shows no secret", async () => {
  const args = ["--port", "65536", "--secret", "whsec_short", "--status", "199", "--delay", "1h"];

  const { code, err } = await command(["listen", ...args, "--drop", "--slow"]);

  expect(code).toBe(2);
  expect(err.split("\n").slice(1, -2)).toEqual([
    "  --port: must be a whole number from 0 to 65,535",
    "  --secret: must be a whsec_ secret of 24 to 64 bytes",
    "  --status: must be a whole number from 200 to 599",
    "  --delay: must be a duration such as 2s, at most 10m",
    "  --drop: cannot be given together with --slow",
    "  --drop: cannot be given together with --status: it gives no answer",
  ]);
  expect(err).not.toContain("whsec_short");
});

test("listen refuses a faulty secret of the environment, and does not show it", async () => {
  const environment = { POSTRIDER_SIGNING_SECRET: `${secret},nonsense` };

  const { code, err } = await command(["listen"], { environment });

  expect(code).toBe(2);
  expect(err).toContain("POSTRIDER_SIGNING_SECRET: must be a whsec_ secret");
  expect(err).not.toMatch(/nonsense|whsec_[A-Za-z0-9]/);
});
