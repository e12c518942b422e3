import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until, useEdition } from "../support/edition.ts";

/*
 * Readers paste what a page shows and expect what it says. So each curl line of these pages is sent
 * to a local edition, in the order of the page, and what is answered is held against the page.
 */

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

type Json = Record<string, unknown>;
type Block = { readonly language: string; readonly code: string; readonly textAfter: string };

/** Between fences, a page is text and code by turns. */
const blocksOf = (file: string): readonly Block[] => {
  const parts = read(file).split(/^```/m);
  return parts.flatMap((part, index) => {
    if (index % 2 === 0) return [];
    const [, language = "", code = ""] = /^(\w*)\n(.*)$/s.exec(part) ?? [];
    return [{ language, code, textAfter: parts[index + 1] ?? "" }];
  });
};

/** A curl line of a page, the status that the text after it names, and the answer shown below. */
const snippetsOf = (file: string) => {
  const blocks = blocksOf(file);
  return blocks.flatMap(({ language, code, textAfter }, index) => {
    if (language !== "sh" || !code.includes("curl ")) return [];
    const next = blocks[index + 1];
    const saysStatus = /`(2\d\d)`/.exec(textAfter)?.[1];
    const shown = next?.language === "json" ? next.code : undefined;
    return [{ file, code, saysStatus, shown, line: code.split("\n")[0] }];
  });
};

/** A command as a shell reads it, as far as the pages go: words, single quotes, continued lines. */
const wordsOf = (command: string): readonly string[] =>
  [...command.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? "",
  );

/** What a curl line would send. Not sent by curl itself, which a machine may lack. */
const requestOf = (command: string): { readonly url: string; readonly init: RequestInit } => {
  const words = wordsOf(command);
  const isValue = (index: number) => /^-[Hd]$/.test(words[index - 1] ?? "");
  const valuesOf = (option: string) => words.filter((_, index) => words[index - 1] === option);
  const [name, silent, url = "", ...others] = words.filter(
    (word, index) => !isValue(index) && !/^-[Hd]$/.test(word),
  );
  expect([name, silent, others]).toEqual(["curl", "-s", []]);
  const [body] = valuesOf("-d");
  const headers = valuesOf("-H").map((header) => header.split(": ") as [string, string]);
  return { url, init: { method: body === undefined ? "GET" : "POST", headers, body } };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What is shown, less what is another each time: moments, and how far a worker has come by now. */
const asShown = (shown: unknown): unknown =>
  JSON.parse(JSON.stringify(shown), (name, value: unknown) => {
    if (/(^at|At)$/.test(name)) return expect.stringMatching(isoTime);
    if (value === "QUEUED") return expect.stringMatching(/^(QUEUED|PROCESSING|COMPLETED)$/);
    return name === "attempts" && value === 0 ? expect.any(Number) : value;
  });

const edition = useEdition();
let targetPort: number;
let target: ChildProcess;
let printed = "";
beforeAll(async () => {
  targetPort = await freePort();
  const program = blocksOf("docs/start.md").find(({ language }) => language === "js")?.code ?? "";
  target = spawn(process.execPath, ["--input-type=module", "-e", here(program)]);
  target.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const ask = () => fetch(here("http://127.0.0.1:9000/")).catch(() => undefined);
  await until(ask, (answer) => answer?.status === 200);
});
afterAll(() => {
  target.kill();
});

/** A text of a page with the key and the ports of this run. */
const here = (text: string): string =>
  text
    .replaceAll("http://127.0.0.1:8787", edition.url)
    .replaceAll("prk_…", edition.apiKey)
    .replaceAll("9000", String(targetPort));

const send = async (command: string) => {
  const { url, init } = requestOf(here(command));
  const answer = await fetch(url, init);
  return { status: answer.status, json: (await answer.json()) as Json };
};

describe.each(["README.md", "docs/start.md"])("%s", (file) => {
  const snippets = snippetsOf(file);

  test("has lines to paste", () => {
    expect(snippets.length).toBeGreaterThanOrEqual(2);
  });

  test.each(snippets)("is answered as it says: $line", async ({ code, shown, saysStatus }) => {
    const wanted = shown === undefined ? undefined : (JSON.parse(here(shown)) as Json);

    // A message that is asked for may still be on its way; one that is submitted is asked for once.
    const answer = await until(
      () => send(code),
      ({ json }) => code.includes(" -d ") || json["status"] === wanted?.["status"],
    );

    expect(answer.status).toBe(Number(saysStatus ?? (code.includes(" -d ") ? 202 : 200)));
    if (wanted) expect(answer.json).toMatchObject(asShown(wanted) as Json);
  });
});

describe("docs/start.md", () => {
  test("shows what its target prints", async () => {
    const shown = blocksOf("docs/start.md").find(({ code }) => code.startsWith("POST /orders"));
    const timeless = (text: string) =>
      text.replace(/(-(?:timestamp|signature)': )'[^']+'/g, "$1…").split("\n");

    const output = await until(
      async () => printed,
      (text) => text.includes('{ "order": 1 }'),
    );

    expect(shown).toBeDefined();
    expect(timeless(output)).toEqual(expect.arrayContaining(timeless(here(shown?.code ?? ""))));
  });

  test("shows the answer to other content under the same id", async () => {
    const [first] = snippetsOf("docs/start.md");
    const shown = blocksOf("docs/start.md").find(({ code }) => code.includes("MESSAGE_CONFLICT"));

    const answer = await send((first?.code ?? "").replace('"world"', '"moon"'));

    expect(answer.status).toBe(409);
    expect(answer.json).toEqual(JSON.parse(shown?.code ?? "{}"));
  });
});
