import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { banner } from "../../local/banner.ts";
import { killLeftovers, newDataDir, startProcess, until } from "../support/edition.ts";
import { viewerOf } from "../support/viewer.ts";

afterAll(killLeftovers);

const facts = {
  url: "http://127.0.0.1:8787",
  signInUrl: "http://127.0.0.1:8787/dashboard/sign-in?token=once",
  senderId: "demo",
  apiKey: "prk_1",
  dataDir: "/data",
  isUsualDir: true,
  now: Date.parse("2026-11-21T12:00:00Z"),
  warnings: [],
};

test.each([
  ["none", "never", "public addresses only, by https only"],
  ["none", "allowed-ranges", "public addresses only, by https only"],
  ["none", "always", "public addresses only, also by plain http"],
  ["10.0.0.0/8", "never", "public addresses, and 10.0.0.0/8; by https only"],
  [
    "10.0.0.0/8",
    "allowed-ranges",
    "public addresses, and 10.0.0.0/8; to the latter also by plain http",
  ],
  ["10.0.0.0/8", "always", "public addresses, and 10.0.0.0/8; to all of them also by plain http"],
] as const)("The banner says where it delivers: %s, plain http %s", (allowed, http, said) => {
  const text = banner({ ...facts, allowed, http });

  expect(text.split("\n")).toContain(`  Delivers to    ${said}`);
});

test("The banner says where spans go, if they go anywhere", () => {
  const given = { ...facts, allowed: "none", http: "never" } as const;
  const traced = banner({ ...given, tracingEndpoint: "http://127.0.0.1:4318" });

  expect(traced.split("\n")).toContain("  Traces to      http://127.0.0.1:4318");
  expect(banner(given)).not.toContain("Traces to");
});

test("The banner shows the first message as a request and by the command", () => {
  const lines = banner({ ...facts, allowed: "none", http: "never" }).split("\n");

  expect(lines.filter((line) => /^(curl|npx) /.test(line))).toEqual([
    expect.stringMatching(
      /^curl -s http:\/\/127\.0\.0\.1:8787\/v1\/messages .* -d '\{"messageId":"hello-1"/,
    ),
    expect.stringMatching(/^curl -s http:\/\/127\.0\.0\.1:8787\/v1\/messages\/hello-1 /),
    `npx postrider send http://127.0.0.1:8787/echo --body '{"hello":"world"}' --wait`,
  ]);
});

test("The banner names the data directory for the command where it is not the usual one", () => {
  const text = banner({ ...facts, isUsualDir: false, allowed: "none", http: "never" });

  expect(text).toContain("npx postrider --data-dir '/data' send ");
});

test("The link that npm start prints signs in to the dashboard, once and not by being opened", async () => {
  const parent = await newDataDir();
  const edition = await startProcess(parent, { POSTRIDER_LOG: "text" });
  await until(
    async () => edition.lines.join("\n"),
    (text) => text.includes("/dashboard/sign-in?token="),
  );
  const [link = ""] = /http\S+\/dashboard\/sign-in\?token=\S+/.exec(edition.lines.join("\n")) ?? [];
  const viewer = viewerOf(
    { request: (url, init) => fetch(url, { ...init, redirect: "manual" }) },
    edition.url,
  );
  const path = link.slice(edition.url.length);

  await viewer.get(path);
  const page = await viewer.get(path);
  const signedIn = await viewer.send(page, "/dashboard/sign-in");
  const again = await viewer.send(page, "/dashboard/sign-in");
  const senders = await viewer.get("/dashboard/senders");
  await edition.interrupt();
  await rm(parent, { recursive: true });

  expect(signedIn.html).toContain("demo and operator");
  expect(again.status).toBe(403);
  expect(again.html).toContain("This sign-in link was used before");
  expect(senders.html).toContain("/dashboard/senders/demo");
  for (const key of [edition.apiKey, edition.operatorKey])
    expect(`${link}${signedIn.html}${senders.html}`).not.toContain(key);
});

test("The banner that npm start prints has no control character of a data directory's name", async () => {
  const parent = await newDataDir();
  const dataDir = join(parent, "a\u001b[2J\u009b2J\u202e");
  await mkdir(dataDir);

  const edition = await startProcess(dataDir, { POSTRIDER_LOG: "text" });
  await edition.interrupt();
  await rm(parent, { recursive: true });

  const shown = edition.lines.find((line) => line.includes("Data in"));
  expect(shown).toContain(join(parent, "a\\u001b[2J\\u009b2J\\u202e"));
});

test("What npm start could not stop is shown without control characters of a data directory's name", async () => {
  const parent = await newDataDir();
  const dataDir = join(parent, "a\u009b2J");
  await mkdir(dataDir);
  const edition = await startProcess(dataDir);
  // The file is removed in the end, which a folder in its place prevents.
  await rm(join(dataDir, "local.json"));
  await mkdir(join(dataDir, "local.json"));

  const code = await edition.interrupt();
  await rm(parent, { recursive: true });

  const output = edition.lines.join("\n");
  expect(code).toBe(1);
  expect(output).toContain("a\\u009b2J/local.json");
  expect(output).not.toContain("\u009b");
});

test("The banner shows each warning, and a message that can be sent as it is", () => {
  const text = banner({ ...facts, warnings: ["one", "two"], allowed: "none", http: "never" });

  const [, message = ""] = /-d '(.+)'$/m.exec(text) ?? [];
  expect(text.match(/^ {2}Warning {8}.+$/gm)).toEqual([
    "  Warning        one",
    "  Warning        two",
  ]);
  expect(JSON.parse(message)).toMatchObject({
    ...{ messageId: "hello-1", senderId: "demo", targetUrl: "http://127.0.0.1:8787/echo" },
  });
});
