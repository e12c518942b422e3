import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { threadsMin } from "../../adapters/thread-pool.ts";
import { parseMasterKey } from "../../adapters/vault.ts";
import {
  isNow,
  killLeftovers,
  newDataDir,
  runToEnd,
  startProcess,
  until,
  useEdition,
} from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

type Receiver = Awaited<ReturnType<typeof openReceiver>>;

afterAll(killLeftovers);

describe("The local edition", () => {
  const edition = useEdition({
    POSTRIDER_RETRY_SCHEDULE: "1s,1s,1s",
    UV_THREADPOOL_SIZE: "", // which counts as not set
  });
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await openReceiver(({ path }, attempt) => {
      if (path === "/gone") return { status: 410 };
      if (path === "/broken") return { status: 500 };
      return { status: path === "/once-broken" && attempt <= 1 ? 500 : 200 };
    });
  });
  afterAll(() => receiver.close());

  test("takes a message to its target, byte for byte, and says COMPLETED", async () => {
    const body = '{ "b" : 1,\n"a":"Zoë 日本 🚚" }';
    const accepted = await edition.submit({
      ...{ messageId: "flow", targetUrl: `${receiver.url}/hook?x=1`, method: "PUT", body },
      headers: {
        "Content-Type": "application/json",
        "X-Shop": "7",
        Authorization: "Basic c2VjcmV0",
      },
    });

    const message = await until(() => edition.get("flow"), isNow("COMPLETED"));

    expect(accepted.status).toBe(202);
    expect(accepted.json).toMatchObject({ status: "QUEUED", attempts: 0, duplicate: false });
    const [seen, ...more] = receiver.of("flow");
    expect(more).toEqual([]);
    expect(seen).toMatchObject({ method: "PUT", path: "/hook?x=1" });
    expect(seen?.body.toString()).toBe(body);
    expect(seen?.headers).toMatchObject({
      ...{ "content-type": "application/json", "x-shop": "7", authorization: "Basic c2VjcmV0" },
      ...{ "postrider-attempt": "1", "postrider-sender-id": "demo" },
    });
    expect(message).toMatchObject({ attempts: 1, lastOutcome: { status: 200 } });
    expect(message.headers).toMatchObject({ Authorization: "***", "X-Shop": "7" });
    const times = ["createdAt", "queuedAt", "processingAt", "completedAt"].map((at) => message[at]);
    expect([...times].sort()).toEqual(times);
  });

  test("delivers fifty identical submits at once as one message", async () => {
    const submit = () => edition.submit({ ...same, targetUrl: `${receiver.url}/hook` });
    const same = { messageId: "fifty", body: { n: 1 } };

    const answers = await Promise.all(Array.from({ length: 50 }, submit));

    await until(() => edition.get("fifty"), isNow("COMPLETED"));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 49 }, () => 200), 202]);
    expect(receiver.of("fifty")).toHaveLength(1);
  });

  test("tries again, no sooner than scheduled, until the target takes it", async () => {
    await edition.submit({ messageId: "retried", targetUrl: `${receiver.url}/once-broken` });

    await until(() => edition.get("retried"), isNow("COMPLETED"));

    const at = receiver.of("retried").map((seen) => seen.at);
    expect(at).toHaveLength(2);
    // The schedule says one second, and the jitter takes a fifth of it at most.
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(799);
    const { attempts } = await edition.get("retried/attempts");
    expect(attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      ...["failed", "delivered"],
    ]);
  });

  test.each([
    ["/broken", "attempts-exhausted", 2],
    ["/gone", "gone", 1],
  ])("ends a message to %s FAILED, with the reason: %s", async (path, failReason, attempts) => {
    const messageId = failReason;
    const retry = { maxAttempts: 2 };
    await edition.submit({ messageId, targetUrl: `${receiver.url}${path}`, retry });

    const message = await until(() => edition.get(messageId), isNow("FAILED"));

    expect(message).toMatchObject({ failReason, attempts });
    expect(receiver.of(messageId)).toHaveLength(attempts);
  });

  test("delivers at the time that is asked for: not before it, and soon after", async () => {
    const deliverAt = Date.now() + 1500;

    await edition.submit({
      ...{ messageId: "later", targetUrl: `${receiver.url}/hook` },
      deliverAt: new Date(deliverAt).toISOString(),
    });
    await until(() => edition.get("later"), isNow("COMPLETED"));

    expect(receiver.of("later")[0]?.at).toBeGreaterThanOrEqual(deliverAt);
  });

  test("has an echo target, which answers as it is asked to", async () => {
    await edition.submit({ messageId: "echoed", targetUrl: `${edition.url}/echo` });
    const broken = await fetch(`${edition.url}/echo?status=503`);

    await until(() => edition.get("echoed"), isNow("COMPLETED"));

    expect(broken.status).toBe(503);
  });

  test.each([
    [
      "from a sender",
      () => ({ authorization: `Bearer ${edition.apiKey}`, "content-type": "application/json" }),
      413,
    ],
    ["from nobody, before it is read,", () => ({}), 401],
  ])(
    "refuses a request %s that is too large, and then closes the connection",
    async (_from, headers, status) => {
      const answer = await new Promise<IncomingMessage>((answered, failed) => {
        const options = { method: "POST", agent: false, headers: headers() };
        const request = httpRequest(`${edition.url}/v1/messages`, options);
        request.once("response", (response) => answered(response.resume()));
        request.once("error", failed);
        for (let megabyte = 0; megabyte < 3; megabyte += 1)
          request.write(Buffer.alloc(1024 * 1024));
        request.end();
      });

      expect([answer.statusCode, answer.headers.connection]).toEqual([status, "close"]);
    },
  );

  test("has threads enough for slow name servers", async () => {
    const threads = await readdir(`/proc/${edition.pid}/task`);

    expect(threads.length).toBeGreaterThanOrEqual(threadsMin);
  });

  test("keeps its secrets to its owner", async () => {
    const modeOf = async (file: string) => (await stat(join(edition.dataDir, file))).mode & 0o777;

    expect(await modeOf("local.json")).toBe(0o600);
    expect(await modeOf("demo-key")).toBe(0o600);
    expect(await modeOf("demo-operator-key")).toBe(0o600);
    expect(await modeOf("master-key")).toBe(0o600);
    expect(await modeOf(".")).toBe(0o700);
  });

  test("keeps a second one from its data directory and its port", async () => {
    const otherDir = await newDataDir();
    const { port } = new URL(edition.url);

    const sameDir = await runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: edition.dataDir });
    const samePort = await runToEnd({ PORT: port, POSTRIDER_DATA_DIR: otherDir });

    expect(sameDir).toMatchObject({ code: 1, output: expect.stringContaining("in use") });
    expect(samePort).toMatchObject({ code: 1, output: expect.stringContaining(`Port ${port}`) });
    await rm(otherDir, { recursive: true });
  });

  test("signs what it delivers with the secret in local.json", async () => {
    await edition.submit({
      messageId: "signed",
      targetUrl: `${receiver.url}/hook`,
      body: { n: 1 },
    });

    await until(() => edition.get("signed"), isNow("COMPLETED"));

    const { body, headers } = receiver.of("signed")[0] ?? {};
    const verifier = new Webhook(edition.signingSecret);
    expect(verifier.verify(body ?? "", headers as Record<string, string>)).toEqual({ n: 1 });
  });

  test("has no key, secret, body or query string in its log", async () => {
    const log = edition.lines.join("\n");
    const masterKey = (await readFile(join(edition.dataDir, "master-key"), "utf8")).trim();

    expect(log).toContain("retried");
    expect(parseMasterKey(masterKey)).toBeDefined();
    const { apiKey, signingSecret } = edition;
    for (const secret of [apiKey, signingSecret, masterKey, "Zoë", "c2VjcmV0", "x=1"])
      expect(log).not.toContain(secret);
  });
});

test("a restart finds everything, under the same keys and secrets; a clean stop takes local.json along", async () => {
  const dataDir = await newDataDir();
  const first = await startProcess(dataDir);
  const receiver = await openReceiver();
  const deliverAt = Date.now() + 2500;
  await first.submit({
    ...{ messageId: "due-later", targetUrl: `${receiver.url}/hook` },
    deliverAt: new Date(deliverAt).toISOString(),
  });
  await first.submit({ messageId: "kept", targetUrl: `${first.url}/echo` });
  await until(() => first.get("kept"), isNow("COMPLETED"));

  const code = await first.interrupt();
  const left = await stat(join(dataDir, "local.json")).catch(() => "gone");
  const second = await startProcess(dataDir);

  expect([code, left]).toEqual([0, "gone"]);
  expect(second.apiKey).toBe(first.apiKey);
  expect(second.signingSecret).toBe(first.signingSecret);
  expect(await second.get("kept")).toMatchObject({ status: "COMPLETED" });
  // What is to be delivered later is not forgotten, and still not early.
  await until(() => second.get("due-later"), isNow("COMPLETED"));
  expect(receiver.of("due-later")[0]?.at).toBeGreaterThanOrEqual(deliverAt);
  receiver.close();
  await second.interrupt();
  await rm(dataDir, { recursive: true });
});

describe("It does not start", () => {
  test("with a faulty configuration, of which it names every fault", async () => {
    const { code, output } = await runToEnd({
      ...{ PORT: "99999", POSTRIDER_LEASE_MS: "soon", POSTRIDER_RETRY_SCHEDULE: "5s,never" },
      POSTRIDER_ALLOW_TARGETS: "10.0.0.0/8,everywhere",
    });

    expect(code).toBe(2);
    for (const name of ["PORT", "POSTRIDER_LEASE_MS", '"never"', '"everywhere"'])
      expect(output).toContain(name);
    expect(output).not.toMatch(/\n\s+at /);
  });

  test("with another master key than what is stored was sealed with, or with none", async () => {
    const dataDir = await newDataDir();
    const first = await startProcess(dataDir);
    await first.interrupt();
    const file = join(dataDir, "master-key");
    const masterKey = await readFile(file, "utf8");
    const start = (given = {}) => runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: dataDir, ...given });

    const other = Buffer.alloc(32, "another").toString("base64");
    const withAnother = await start({ POSTRIDER_MASTER_KEY: other });
    await writeFile(file, "not a key\n");
    const withNone = await start();
    const left = await readFile(file, "utf8");
    await writeFile(file, masterKey);
    const withItsOwn = await startProcess(dataDir);

    expect(withAnother).toMatchObject({ code: 1, output: expect.stringContaining("master key") });
    expect(withNone).toMatchObject({ code: 1, output: expect.stringContaining("master-key") });
    expect(`${withAnother.output} ${withNone.output}`).not.toMatch(/\s+at |not a key|YW5vdGhlc/);
    expect(left).toBe("not a key\n");
    expect(withItsOwn.signingSecret).toBe(first.signingSecret);
    await withItsOwn.interrupt();
    await rm(dataDir, { recursive: true });
  });

  test.each([
    ["cannot be made", "/proc/postrider", /POSTRIDER_DATA_DIR is \/proc\/postrider, but .+/],
    ["is a file", import.meta.filename, /POSTRIDER_DATA_DIR is .+ is not a directory.+/],
  ])("on a data directory that %s, and says so in one line", async (_why, dataDir, reason) => {
    const { code, output } = await runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: dataDir });

    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Postrider did not start\\. ${reason.source}\\n$`));
  });

  test("and moves no cursor with what the environment brought", async () => {
    const [wrong, impossible] = await Promise.all([
      runToEnd({ PORT: "none", "POSTRIDER_A\u009b2J": "1" }),
      runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: "/proc/a\u009b2J" }),
    ]);

    expect([wrong.code, impossible.code]).toEqual([2, 1]);
    for (const { output } of [wrong, impossible]) {
      expect(output).toContain("\\u009b2J");
      expect(output).not.toMatch(/[\u0080-\u009f]/);
    }
  });

  test("with a demo key that is none, and leaves it as it is", async () => {
    const dataDir = await newDataDir();
    await writeFile(join(dataDir, "demo-key"), "garbage\n");

    const { code, output } = await runToEnd({ PORT: "0", POSTRIDER_DATA_DIR: dataDir });

    expect(code).toBe(1);
    expect(output).toMatch(/^Postrider did not start\. .+demo-key does not hold an API key.+\n$/);
    expect(await readFile(join(dataDir, "demo-key"), "utf8")).toBe("garbage\n");
    await rm(dataDir, { recursive: true });
  });
});

test("a log that cannot be written any more ends no answer and not the process", async () => {
  const dataDir = await newDataDir();
  const process = await startProcess(dataDir);
  process.loseOutput();

  for (const messageId of ["one", "two", "three"])
    expect(await process.submit({ messageId, targetUrl: `${process.url}/echo` })).toMatchObject({
      status: 202,
    });

  expect(await process.interrupt()).toBe(0);
});
