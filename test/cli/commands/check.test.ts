import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { verify } from "../../../client/verify.ts";
import { formatSecret } from "../../../domain/signature.ts";
import { command } from "../../support/command.ts";
import { openReceiver } from "../../support/receiver.ts";

const secret = formatSecret(new Uint8Array(32).fill(7));
const environment = { POSTRIDER_SIGNING_SECRET: secret };
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let isCareful = true;

beforeAll(async () => {
  receiver = await openReceiver(async ({ headers, body }) => {
    // The time of the command stands still.
    const now = Date.parse("2026-03-01T12:00:00Z");
    const verified = await verify(body, headers, secret, { now });
    return { status: isCareful && verified.kind === "refused" ? 401 : 204 };
  });
});
beforeEach(() => {
  isCareful = true;
  receiver.seen.length = 0;
});
afterAll(() => receiver.close());

const check = (...args: readonly string[]) =>
  command(["check", receiver.url, ...args], { environment });

test("check ends with 0 where all is well, and says first what it sends", async () => {
  const { code, out, err } = await check("--allow-private", "--yes");

  expect(code).toBe(0);
  expect(receiver.seen).toHaveLength(5);
  expect(err).toContain(`Sends 5 requests to ${receiver.url}, as Postrider would:`);
  expect(out.split("\n").map((line) => line.slice(0, 11).trim())).toEqual([
    ...["note", "", "ok", "note", "", "ok", "ok", "ok", ""],
  ]);
  expect(out + err).not.toContain("whsec_");
});

test("check ends with 4 where a receiver takes what is forged", async () => {
  isCareful = false;

  const { code, out, err } = await check("--allow-private", "--yes", "--json");

  const found = JSON.parse(out);
  expect(code).toBe(4);
  expect(found).toMatchObject({ isWell: false, exchanges: { good: { status: 204 } } });
  expect(found.findings[3]).toMatchObject({ level: "broken", about: "wrong-signature" });
  expect(JSON.parse(err.trim().split("\n").at(-1) ?? "")).toMatchObject({
    error: { exitCode: 4, message: "Not all is well: 3 broken, 0 in need of attention." },
  });
});

test("check sends nothing before it was told to", async () => {
  const options = { environment, canAsk: true };
  const args = ["check", receiver.url, "--allow-private"];
  const nobody = await command(args, { environment });
  const no = await command(args, { ...options, confirm: async () => false });
  const left = await command(args, { ...options, confirm: async () => undefined });

  expect([nobody.code, no.code, left.code]).toEqual([2, 5, 5]);
  expect(nobody.err).toContain("Add --yes");
  expect(receiver.seen).toEqual([]);

  const yes = await command(args, { ...options, confirm: async () => true });
  expect(yes.code).toBe(0);
  expect(receiver.seen).toHaveLength(5);
});

test("check does not reach private addresses unless it is told to", async () => {
  const { code, err } = await check("--yes");

  expect(code).toBe(2);
  expect(err).toContain(
    "<url>: must not have an address that deliveries may not reach; --allow-private permits it",
  );
  expect(receiver.seen).toEqual([]);
});

test("check never reaches the metadata of a cloud", async () => {
  const args = ["check", "http://169.254.169.254/latest", "--allow-private", "--yes"];

  const { code, err } = await command(args, { environment });

  expect(code).toBe(2);
  expect(err).not.toContain("--allow-private permits");
});

test("check that is stopped ends at once, whatever the receiver does, and sends nothing more", async () => {
  const stop = new AbortController();
  const silent = await openReceiver(() => {
    stop.abort();
    return new Promise(() => {});
  });
  const args = ["check", silent.url, "--allow-private", "--yes"];

  const { code, out } = await command(args, { environment, interrupted: stop.signal });
  silent.close();

  expect({ code, out }).toEqual({ code: 5, out: "" });
  expect(silent.seen).toHaveLength(1);
});

test("check sends the body, the headers and the sender that it is told", async () => {
  const content = ["--body", "hello", "--header", "x-order: 7", "--sender", "shop"];

  await check("--allow-private", "--yes", ...content);

  expect(receiver.seen.map(({ body }) => body.toString())).toEqual(Array(5).fill("hello"));
  expect(receiver.seen[0]?.headers).toMatchObject({
    ...{ "x-order": "7", "content-type": "text/plain; charset=utf-8" },
    ...{ "postrider-sender-id": "shop", "user-agent": "Postrider/1" },
  });
});

test("check names every fault of its options at once", async () => {
  const { code, err } = await check("--header", "host: evil", "--timeout", "1h");

  expect(code).toBe(2);
  expect(err.split("\n").slice(1, -2)).toEqual([
    "  --header: host is set from targetUrl, and would name another server",
    "  --timeout: must be from 100ms to 30s",
    expect.stringContaining("  <url>: must use https"),
    expect.stringContaining("  <url>: must not have an address"),
  ]);
});

test("check without a secret says where to put one", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-check-"));
  const args = ["check", receiver.url, "--allow-private", "--yes", "--data-dir", dataDir];

  const { code, err } = await command(args);
  await rm(dataDir, { recursive: true });

  expect(code).toBe(2);
  expect(err).toContain("POSTRIDER_SIGNING_SECRET");
  expect(receiver.seen).toEqual([]);
});
