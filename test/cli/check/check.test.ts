import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { certificateAt } from "../../../adapters/certificate.ts";
import { guardedPost } from "../../../adapters/http.ts";
import { type CheckFacts, judgeReceiver } from "../../../cli/check/judge.ts";
import type { ProbeFacts } from "../../../cli/check/probe.ts";
import { runCheck } from "../../../cli/check/run-check.ts";
import { formatSecret } from "../../../domain/signature.ts";
import { certify } from "../../support/certificates.ts";
import { loopbackOpen, openHostile } from "../../support/hostile.ts";
import { utf8 } from "../../support/messages.ts";
import { type Answer, openReceiver, type Seen } from "../../support/receiver.ts";

const root = join(import.meta.dirname, "../../..");
const secret = formatSecret(new Uint8Array(32).fill(7));
const post = guardedPost({ policy: loopbackOpen, clock: Date.now });
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

let checks = 0;
const probeOf = (url: string): ProbeFacts => ({
  ...{ url, senderId: "shop", secret, wrongSecret: formatSecret(new Uint8Array(32).fill(9)) },
  ...{ token: `t${++checks}`, headers: {}, body: utf8('{"test":true}'), bodyType: "json" },
});

const check = (url: string, deadlineMs = 15_000): Promise<CheckFacts> =>
  runCheck(
    { post, certificateAt: async () => undefined, clock: Date.now, onProbe: () => {} },
    probeOf(url),
    deadlineMs,
  );

/** What is found, by what it is about. */
const found = (facts: CheckFacts): Readonly<Record<string, string>> =>
  Object.fromEntries(judgeReceiver(facts).map(({ about, level }) => [about, level]));

const receiver = async (answer: (seen: Seen, attempt: number) => Answer) => {
  const opened = await openReceiver(answer);
  closers.push(opened.close);
  return opened;
};

const receivers = [
  { name: "Node", program: [process.execPath, "examples/receivers/node/receiver.mjs"] },
  ...(spawnSync("python3", ["--version"]).status === 0
    ? [
        {
          name: "Python",
          program: ["python3", "-I", "-S", "examples/receivers/python/receiver.py"],
        },
      ]
    : []),
];

describe.each(receivers)(
  "The receiver of the examples in $name",
  ({ program: [file = "", ...args] }) => {
    let child: ChildProcess;
    let directory = "";
    let url = "";
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "postrider-check-"));
      child = spawn(file, args, {
        ...{ cwd: root, stdio: ["ignore", "pipe", "inherit"] },
        env: {
          ...{ PATH: process.env["PATH"], WEBHOOK_SECRET: secret, PORT: "0" },
          DATABASE: join(directory, "receiver.sqlite"),
        },
      });
      const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
      const [line] = (await once(output, "line")) as [string];
      url = line.split(" ").at(-1) ?? "";
    });
    afterAll(async () => {
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
      await rm(directory, { recursive: true });
    });

    test("passes: it takes what is genuine, also twice, and nothing else", async () => {
      const facts = await check(url);

      expect(found(facts)).toEqual({
        ...{ tls: "note", delivery: "ok", repeat: "note" },
        ...{ "wrong-signature": "ok", old: "ok", unsigned: "ok" },
      });
    });

    test("gets no other request if it does not accept the first, and is told why", async () => {
      const facts = await check(url.replace("/hook", "/nowhere"));

      expect(Object.keys(facts.exchanges)).toEqual(["good"]);
      expect(judgeReceiver(facts)[1]).toMatchObject({
        ...{ level: "broken", about: "delivery", todo: "Check the path of the URL." },
        what: expect.stringMatching(/^A signed request was not accepted, but answered 404/),
      });
    });
  },
);

describe("A receiver", () => {
  test("that takes everything is told that it verifies nothing", async () => {
    const { url, seen } = await receiver(() => ({ status: 200 }));

    expect(found(await check(url))).toMatchObject({
      ...{ delivery: "ok", "wrong-signature": "broken", old: "broken", unsigned: "broken" },
    });
    expect(seen.map(({ headers }) => headers["webhook-signature"] !== undefined)).toEqual([
      ...[true, true, true, true],
      false,
    ]);
    expect(seen.map(({ headers }) => headers["postrider-attempt"])).toEqual([
      ...["1", "2", "1", "1", "1"],
    ]);
    // Otherwise a receiver would drop what is forged as a repeat, and seem to take it.
    expect(new Set(seen.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
  });

  test("that refuses a repeat is told what comes of that", async () => {
    const { url } = await receiver((_, attempt) => ({ status: attempt > 1 ? 409 : 200 }));

    expect(found(await check(url))).toMatchObject({ delivery: "ok", repeat: "broken" });
  });

  test.each([
    { status: 410, level: "attention" },
    { status: 500, level: "attention" },
    { status: 429, level: "attention" },
    { status: 302, level: "attention" },
    { status: 400, level: "ok" },
  ])("that answers $status to what is unsigned: $level", async ({ status, level }) => {
    const { url } = await receiver(({ headers }) => ({
      status: headers["webhook-signature"] === undefined ? status : 200,
    }));

    expect(found(await check(url))["unsigned"]).toBe(level);
  });

  test("that is not there is told so", async () => {
    const { url, close } = await openReceiver();
    close();

    expect(judgeReceiver(await check(url))[1]).toMatchObject({
      ...{ level: "broken", about: "delivery" },
      what: expect.stringMatching(/^No connection to 127\.0\.0\.1:\d+ could be made/),
    });
  });

  test("over TLS is told who its certificate is for, and until when", async () => {
    const authority = certify({ name: "Postrider test authority" });
    const notAfter = Date.now() + 20.5 * 86_400_000;
    const of = { name: "shop.example", hosts: ["shop.example"], issuer: authority };
    const tls = certify({ ...of, notAfter, notBefore: Date.now() - 1000 });
    const server = await openHostile(
      (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
      { tls },
    );
    const trusting = {
      policy: loopbackOpen,
      resolve: async () => ["127.0.0.1"],
      ca: authority.cert,
    };

    const facts = await runCheck(
      {
        post: guardedPost({ ...trusting, clock: Date.now }),
        certificateAt: (url, deadlineMs) => certificateAt(trusting, url, deadlineMs),
        ...{ clock: Date.now, onProbe: () => {} },
      },
      probeOf(`https://shop.example:${server.port}/hook`),
      15_000,
    );
    await server.close();

    const [first, second] = judgeReceiver(facts);
    expect(first).toMatchObject({ level: "ok", about: "tls" });
    expect(Object.values(facts.exchanges)).toHaveLength(5);
    expect(first?.what).toMatch(
      /^The certificate is trusted and expires in 20 days, on \d{4}-\d\d-\d\d \(shop\.example, by Postrider test authority, TLSv1\.3\)\.$/,
    );
    expect(second?.what).toMatch(/\(look-up \d+ ms, connect \d+ ms, TLS \d+ ms, wait \d+ ms/);
  });

  test("that uses up more than half of the time is told to answer first", () => {
    const facts: CheckFacts = {
      ...{ url: "http://127.0.0.1:1/", now: 0, deadlineMs: 15_000, messageId: "check-1-good" },
      exchanges: {
        good: {
          ...{ kind: "answered", status: 204, durationMs: 7501 },
          timings: { dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 7500 },
        },
      },
    };

    expect(judgeReceiver(facts)[1]).toMatchObject({
      ...{ level: "attention", about: "delivery" },
      what: "A signed request was accepted with 204 after 7501 ms (look-up 1 ms, connect 2 ms, TLS 3 ms, wait 7494 ms, read 1 ms).",
    });
  });
});
