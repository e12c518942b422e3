/** The command in a process of its own, as npx starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compileCache } from "../support/compile-cache.ts";
import { runFile } from "./aws.ts";

const item = { messageId: "order-1", status: "QUEUED", attempts: 0, attemptsAllowed: 10 };
const times = { createdAt: "2026-03-01T12:00:00.000Z", updatedAt: "2026-03-01T12:00:00.000Z" };
const listed = { ...item, ...times, targetUrl: "https://example.com/" };

/** A Postrider with more messages than anybody reads. */
const server = createServer((_, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ items: Array(100).fill(listed), nextCursor: "more" }));
});
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  environment = { POSTRIDER_URL: url, POSTRIDER_KEY: "prk_1", XDG_CONFIG_HOME: "/nowhere" };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const bin = join(import.meta.dirname, "../../cli/bin.js");
const start = (...args: readonly string[]) =>
  spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env["PATH"], ...compileCache, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });

test("prints results on standard output and the rest on standard error, without colours", async () => {
  const { code, out, err } = await runFile("cli/bin.js", ["list", "--limit=1"], environment);

  expect(code).toBe(0);
  expect(out).toMatch(/^MESSAGE .*\norder-1 .*\n$/);
  expect(err).toMatch(/^These are the first 1\..*\n$/);
});

test("ends when its reader has enough, as of head", async () => {
  const child = start("list", "--all", "--json");
  const ended = once(child, "close");

  await once(child.stdout, "data");
  child.stdout.destroy();

  expect(await ended).toEqual([0, null]);
  expect(await text(child.stderr)).toBe("");
});

test("follows until Ctrl-C, and then ends with 0", async () => {
  const child = start("tail");
  const ended = once(child, "close");

  await once(child.stdout, "data");
  child.kill("SIGINT");

  expect(await ended).toEqual([0, null]);
});

test("stopped in the middle of something else it ends with 5", async () => {
  const child = start("list", "--all", "--json");
  const ended = once(child, "close");
  const stderr = text(child.stderr);

  await once(child.stdout, "data");
  child.stdout.resume();
  child.kill("SIGINT");

  expect(await ended).toEqual([5, null]);
  expect(await stderr).toContain("Stopped.");
});
