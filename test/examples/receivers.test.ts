import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { formatDuration } from "../../domain/duration.ts";
import { limits } from "../../domain/limits.ts";
import { formatSecret, signatureHeader, webhookId } from "../../domain/signature.ts";
import { compileCache } from "../support/compile-cache.ts";
import { newDataDir, startProcess, until } from "../support/edition.ts";
import { defaultScheduleMs } from "../support/messages.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

const nodeFile = "examples/receivers/node/receiver.mjs";
const pythonFile = "examples/receivers/python/receiver.py";

// Isolated and without site-packages: only the standard library can be imported.
const runPython = ["python3", "-I", "-S"];
const hasPython = spawnSync("python3", ["--version"]).status === 0;
// Where the project is built for everybody, both must run.
const isPythonWanted = hasPython || process.env["CI"] !== undefined;

const runNode = [process.execPath, nodeFile];
const receivers = [
  { name: "Node", command: runNode },
  ...(isPythonWanted ? [{ name: "Python", command: [...runPython, pythonFile] }] : []),
];

const secret = formatSecret(new Uint8Array(32).fill(7));
const strangeSecret = formatSecret(new Uint8Array(32).fill(9));

const running = new Set<ChildProcess>();
let directory: string;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "postrider-receivers-"));
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

const newDatabase = (): string => join(directory, `${++count}.sqlite`);
const newId = (): string => `msg_${++count}`;

const launch = ([program = "", ...args]: readonly string[], env: Record<string, string>) => {
  const child = spawn(program, args, {
    cwd: root,
    env: { PATH: process.env["PATH"], ...compileCache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
};

/** Starts a receiver as the guide says, and waits until it listens. */
const start = async (command: readonly string[], env: Record<string, string> = {}) => {
  const child = launch(command, {
    ...{ WEBHOOK_SECRET: secret, PORT: "0", DATABASE: newDatabase() },
    ...env,
  });
  const closed = once(child, "close");
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  child.stderr.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  const ended = closed.then(() => Promise.reject(new Error(`It ended:\n${lines.join("\n")}`)));
  ended.catch(() => undefined);
  const sees = async (text: string): Promise<void> => {
    while (!lines.some((line) => line.includes(text)))
      await Promise.race([once(output, "line"), ended]);
  };

  await sees("Listening on ");
  const url = lines[0]?.split(" ").at(-1) ?? "";
  const post = async ({ headers, body }: Signed, to = url): Promise<Response> =>
    fetch(to, { method: "POST", headers, body: Buffer.from(body) });
  const worksOn = (id: string): number =>
    lines.filter((line) => line.startsWith(`worked on ${id},`)).length;
  return {
    url,
    post,
    sees,
    /** How often it has worked on a message, all that came before being done: it works in order. */
    timesWorkedOn: async (id: string): Promise<number> => {
      const last = signed();
      expect((await post(last)).status).toBe(204);
      await sees(`worked on ${last.headers["webhook-id"]},`);
      return worksOn(id);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
};
type Receiver = Awaited<ReturnType<typeof start>>;

type Signed = { readonly headers: Record<string, string>; readonly body: Uint8Array };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request as Postrider sends it. */
const signed = ({
  id = newId(),
  body = bytes('{"order":1}'),
  ageSeconds = 0,
  secrets = [secret],
} = {}): Signed => {
  const timestampSeconds = Math.floor(Date.now() / 1000) - ageSeconds;
  const signature = signatureHeader({ id, timestampSeconds, body, secrets });
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": signature,
    },
    body,
  };
};

/** The same request with other headers; an empty value leaves one out. */
const altered = (
  { headers, body }: Signed,
  change: (headers: Readonly<Record<string, string>>) => Record<string, string>,
): Signed => {
  const all = Object.entries({ ...headers, ...change(headers) });
  return { headers: Object.fromEntries(all.filter(([, value]) => value !== "")), body };
};

const header = (name: string, value: string): Signed =>
  altered(signed(), () => ({ [`webhook-${name}`]: value }));

if (!isPythonWanted)
  test("The Python receiver is not run here, for python3 is not installed", () => {
    expect(spawnSync("python3", ["--version"]).error).toBeDefined();
  });

describe.each(receivers)("The $name receiver", ({ command }) => {
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await start(command);
  });

  describe("takes", () => {
    const limit = limits.bodyBytesMax;
    const any = signed({ secrets: [strangeSecret] }).headers["webhook-signature"];
    const garbled = ["v1", "v2,AAAA", "v1,é", "", "v1,"].join(" ");
    const prefixed = (text: string): Signed =>
      altered(signed(), (sent) => ({
        "webhook-signature": `${text} ${sent["webhook-signature"]}`,
      }));

    test.each<[string, () => Signed]>([
      ["a message", () => signed()],
      ["bytes that are not text", () => signed({ body: Uint8Array.of(0xff, 0, 0xfe, 10) })],
      ["text beyond ASCII", () => signed({ body: bytes("Zoë 日本") })],
      ["an empty body", () => signed({ body: new Uint8Array() })],
      ["the longest body there is", () => signed({ body: new Uint8Array(limit).fill(0xff) })],
      ["a clock that is 290 s behind", () => signed({ ageSeconds: 290 })],
      ["a clock that is 290 s ahead", () => signed({ ageSeconds: -290 })],
      ["two signatures, the first fitting", () => signed({ secrets: [secret, strangeSecret] })],
      ["two signatures, the second fitting", () => signed({ secrets: [strangeSecret, secret] })],
      ["three signatures, the last fitting", () => prefixed(`${any} ${any}`)],
      ["a signature after some that make no sense", () => prefixed(garbled)],
    ])("%s, and works on it once", async (_name, request) => {
      const message = request();

      const { status } = await receiver.post(message);

      expect(status).toBe(204);
      expect(await receiver.timesWorkedOn(message.headers["webhook-id"] ?? "")).toBe(1);
    });

    test("what the reference implementation has signed", async () => {
      const id = newId();
      const now = new Date();
      const body = '{"name":"Zoë"}';
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign(id, now, body),
      };

      const { status } = await receiver.post({ headers, body: bytes(body) });

      expect(status).toBe(204);
      expect(await receiver.timesWorkedOn(id)).toBe(1);
    });
  });

  describe("drops repeats", () => {
    test("that come later, with a time and a signature of their own", async () => {
      const id = newId();
      await receiver.post(signed({ id, ageSeconds: 60 }));
      await receiver.timesWorkedOn(id);

      const again = await receiver.post(signed({ id }));

      expect(again.status).toBe(204);
      expect(await receiver.timesWorkedOn(id)).toBe(1);
    });

    test("that come at the same moment", async () => {
      const message = signed();

      const answers = await Promise.all(Array.from({ length: 10 }, () => receiver.post(message)));

      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
      expect(await receiver.timesWorkedOn(message.headers["webhook-id"] ?? "")).toBe(1);
    });

    test("but tells two messages with one body apart", async () => {
      const [first, second] = [newId(), newId()];

      await receiver.post(signed({ id: first }));
      await receiver.post(signed({ id: second }));

      expect(await receiver.timesWorkedOn(first)).toBe(1);
      expect(await receiver.timesWorkedOn(second)).toBe(1);
    });
  });

  describe("answers 401 and does nothing", () => {
    const otherBody = { body: bytes('{"order":2}') };
    const stranger = () => signed({ secrets: [strangeSecret] });
    const shifted = (seconds: number): Signed =>
      altered(signed(), (sent) => ({
        "webhook-timestamp": String(Number(sent["webhook-timestamp"]) + seconds),
      }));

    test.each<[string, () => Signed]>([
      ["to another secret", stranger],
      ["to an altered body", () => ({ ...signed(), ...otherBody })],
      ["to a body that lacks its last byte", () => ({ ...signed(), body: bytes('{"order":1') })],
      ["to an altered id", () => header("id", newId())],
      ["to an altered time", () => shifted(1)],
      ["to a time long past", () => signed({ ageSeconds: 301 })],
      ["to a time far ahead", () => signed({ ageSeconds: -310 })],
      ["to a time that is none", () => header("timestamp", "soon")],
      ["to a time that is not whole", () => header("timestamp", `${Date.now() / 1000}`)],
      ["to a time that is none, though it is signed", () => signed({ ageSeconds: Number.NaN })],
      ["without an id", () => header("id", "")],
      ["without an id, though that is signed", () => altered(signed({ id: "" }), () => ({}))],
      ["without a time", () => header("timestamp", "")],
      ["without a signature", () => header("signature", "")],
      ["to a signature that is none", () => header("signature", "garbage")],
      ["to a signature beyond ASCII", () => header("signature", "v1,é")],
      ["to an empty signature", () => header("signature", "v1,")],
      ["to a signature of zeros", () => header("signature", `v1,${"A".repeat(43)}=`)],
      [
        "to the signature of another version",
        () =>
          altered(signed(), (sent) => ({
            "webhook-signature": `${sent["webhook-signature"]}`.replace("v1,", "v1a,"),
          })),
      ],
    ])("%s", async (_name, request) => {
      const message = request();

      const { status } = await receiver.post(message);

      expect(status).toBe(401);
      expect(await receiver.timesWorkedOn(message.headers["webhook-id"] ?? "")).toBe(0);
    });

    test("so that a forgery does not keep the real message out", async () => {
      const id = newId();
      await receiver.post(signed({ id, secrets: [strangeSecret] }));

      const { status } = await receiver.post(signed({ id }));

      expect(status).toBe(204);
      expect(await receiver.timesWorkedOn(id)).toBe(1);
    });
  });

  test("answers 413 to a body over the limit, and does nothing", async () => {
    const id = newId();
    const message = signed({ id, body: new Uint8Array(limits.bodyBytesMax + 1) });

    const { status } = await receiver.post(message);

    expect(status).toBe(413);
    expect(await receiver.timesWorkedOn(id)).toBe(0);
  });

  test("answers 410 at an address that is closed, and does nothing", async () => {
    const message = signed({ body: new Uint8Array(limits.bodyBytesMax) });

    const { status } = await receiver.post(message, receiver.url.replace("/hook", "/old-hook"));

    expect(status).toBe(410);
    expect(await receiver.timesWorkedOn(message.headers["webhook-id"] ?? "")).toBe(0);
  });

  test("answers 404 at an address that it does not know", async () => {
    expect((await receiver.post(signed(), `${receiver.url}/other`)).status).toBe(404);
  });

  test("answers 503 with Retry-After when too much waits, but still refuses forgeries", async () => {
    const overloaded = await start(command, { WAITING_MAX: "0" });

    const message = signed();
    const answer = await overloaded.post(message);
    const again = await overloaded.post(message);
    const forged = await overloaded.post(signed({ secrets: [strangeSecret] }));

    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("30");
    // It is no repeat, for it was not stored.
    expect(again.status).toBe(503);
    expect(forged.status).toBe(401);
    await overloaded.kill();
  });

  test.each([
    ["is not set", ""],
    ["is empty behind its prefix", "whsec_"],
    ["has no prefix", secret.slice("whsec_".length)],
    ["is too short", "whsec_MfKQ9r8GKYqr"],
  ])("does not start if the secret %s", async (_name, WEBHOOK_SECRET) => {
    const child = launch(command, { WEBHOOK_SECRET, PORT: "0", DATABASE: newDatabase() });
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));

    const [code] = await once(child, "close");

    expect(code).toBeGreaterThan(0);
    expect(said.join("")).toContain("WEBHOOK_SECRET");
  });
});

describe("Postrider, as the guide starts it,", () => {
  let dataDir: string;
  let postrider: Awaited<ReturnType<typeof startProcess>>;
  let signingSecret: string;

  beforeAll(async () => {
    dataDir = await newDataDir();
    postrider = await startProcess(dataDir);
    ({ signingSecret } = JSON.parse(readFileSync(join(dataDir, "local.json"), "utf8")));
  });
  afterAll(async () => {
    await postrider.kill();
    await rm(dataDir, { recursive: true });
  });

  test.each(receivers)("delivers to the $name receiver", async ({ name, command }) => {
    const receiver = await start(command, { WEBHOOK_SECRET: signingSecret });
    const messageId = `order-${name}`;

    await postrider.submit({ messageId, targetUrl: receiver.url, body: { order: 1 } });

    await until(
      () => postrider.get(messageId),
      ({ status }) => status === "COMPLETED",
    );
    await receiver.sees(`worked on ${webhookId(postrider.senderId, messageId)}, 11 bytes`);
    await receiver.kill();
  });

  test.each(receivers)("is refused by a $name receiver with another secret", async (one) => {
    const receiver = await start(one.command, { WEBHOOK_SECRET: strangeSecret });
    const messageId = `refused-${one.name}`;

    await postrider.submit({ messageId, targetUrl: receiver.url, body: { order: 1 } });

    const { lastOutcome } = await until(
      () => postrider.get(messageId),
      (message) => message.lastOutcome !== undefined,
    );
    expect(lastOutcome).toMatchObject({ status: 401 });
    await receiver.kill();
  });
});

if (isPythonWanted)
  describe("What the Python receiver has stored", () => {
    const command = [...runPython, pythonFile];

    test("survives its death: what was worked on is not worked on again", async () => {
      const DATABASE = newDatabase();
      const id = newId();
      const first = await start(command, { DATABASE });
      await first.post(signed({ id }));
      expect(await first.timesWorkedOn(id)).toBe(1);
      await first.kill();

      const second = await start(command, { DATABASE });
      const again = await second.post(signed({ id }));

      expect(again.status).toBe(204);
      expect(await second.timesWorkedOn(id)).toBe(0);
      await second.kill();
    });

    test("is a repeat when it comes again, also while too much waits", async () => {
      const DATABASE = newDatabase();
      const message = signed();
      const first = await start(command, { DATABASE });
      await first.post(message);
      await first.kill();

      const overloaded = await start(command, { DATABASE, WAITING_MAX: "0" });

      expect((await overloaded.post(message)).status).toBe(204);
      expect((await overloaded.post(signed())).status).toBe(503);
      await overloaded.kill();
    });

    /** What a statement says, in the database that a receiver has left. */
    const ask = (database: string, statement: string): string => {
      const program =
        "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); " +
        "print(database.execute(sys.argv[2]).fetchall()); database.commit()";
      return spawnSync("python3", ["-c", program, database, statement]).stdout.toString().trim();
    };

    test("is worked on at the next start, if it was not before", async () => {
      const DATABASE = newDatabase();
      await (await start(command, { DATABASE })).kill();
      ask(DATABASE, "INSERT INTO inbox (webhook_id, body) VALUES ('left', 'over')");

      const next = await start(command, { DATABASE });

      await next.sees("worked on left,");
      await next.kill();
    });

    test("is worked on once, though it is killed as soon as it has answered", async () => {
      const DATABASE = newDatabase();
      const first = await start(command, { DATABASE });
      await first.post(signed({ body: bytes("the only one") }));
      await first.kill();

      const second = await start(command, { DATABASE });
      await second.timesWorkedOn("all that came before");
      await second.kill();

      const orders = "SELECT count(*) FROM orders WHERE body = CAST('the only one' AS BLOB)";
      expect(ask(DATABASE, orders)).toBe("[(1,)]");
    });
  });

describe("The receiver's guide", () => {
  const guide = read("docs/guides/receive.md");
  const snippets = (language: string): readonly string[] =>
    [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
      ([, code = ""]) => code,
    );

  test.each([
    ["js", nodeFile],
    ["python", pythonFile],
  ])("shows %s that is, letter by letter, in %s", (language, file) => {
    const shown = snippets(language);

    expect(shown.length).toBeGreaterThan(0);
    for (const snippet of shown) expect(read(file)).toContain(snippet);
  });

  test("names the waits that are the default", () => {
    const inWords = (duration: string): string =>
      duration.replace("1d", "24h").replace("m", "min").replace(/[a-z]/, " $&");
    const waits = defaultScheduleMs.map((ms) => inWords(formatDuration(ms)));
    const words = `${waits.slice(0, -1).join(", ")} and ${waits.at(-1)}`;

    expect(guide).toContain(`The waits between attempts are ${words}`);
  });

  test("comes with a receiver for Node that imports nothing but node:http and node:crypto", () => {
    const imports = [...read(nodeFile).matchAll(/from "([^"]+)"|\b(?:import|require)\(/g)];

    expect(imports.map(([, name]) => name).sort()).toEqual(["node:crypto", "node:http"]);
  });
});
