import { beforeAll, describe, expect, test } from "@jest/globals";
import type * as z from "zod";
import type { Io } from "../../../cli/io.ts";
import type * as own from "../../../cli/sender-answers.ts";
import type * as documented from "../../../docs/openapi/answers/senders.ts";
import { type CommandOptions, commandOn, fetchOf } from "../../support/command.ts";
import type { Same } from "../../support/same-types.ts";
import { useService } from "../../support/service.ts";

/** The types that the command works with are those of the document: else this does not compile. */
type Answer<Schema extends z.ZodType> = z.infer<Schema>;
const types: readonly true[] = [
  true satisfies Same<own.Sender, Answer<typeof documented.sender>>,
  true satisfies Same<own.SenderWithSecret, Answer<typeof documented.senderWithSecret>>,
  true satisfies Same<own.CreatedSender, Answer<typeof documented.createdSender>>,
  true satisfies Same<own.SenderChange[], Answer<typeof documented.senderChangePage>["items"]>,
  true satisfies Same<own.Key[], Answer<typeof documented.keyPage>["items"]>,
];

const service = useService();
let operatorKey: string;
beforeAll(async () => {
  operatorKey = await service.operatorKey();
});

const postrider = (args: readonly string[], options: CommandOptions = {}) =>
  commandOn(service)(args, { ...options, environment: { POSTRIDER_KEY: operatorKey } });
const terminal: CommandOptions = { isTerminal: true };

test("senders are created with a key and a secret that are shown once, changed and listed", async () => {
  const made = await postrider(["senders", "create", "mill", "--attempts", "3"], terminal);
  const key = /API key +(prk_\w+)/.exec(made.out)?.[1] ?? "";
  const sent = await commandOn(service)(
    ["send", "https://example.com", "--sender", "mill", "--deliver-at", "2h", "--id", "m-1"],
    { environment: { POSTRIDER_KEY: key } },
  );
  const set = await postrider(["senders", "set", "mill", "--timeout", "5s"]);
  const got = JSON.parse((await postrider(["senders", "get", "mill", "--json"])).out);
  const list = await postrider(["senders", "list"]);
  const again = await postrider(["senders", "create", "mill"], terminal);

  expect(types).not.toContain(false);
  expect([made.code, sent.code, set.code]).toEqual([0, 0, 0]);
  expect(made.out).toContain("whsec_");
  expect(got.defaults).toEqual({ retry: { maxAttempts: 3 }, timeoutMs: 5000 });
  expect(list.out).toMatch(/^SENDER +CREATED\nmill /);
  expect(again).toMatchObject({ code: 3, err: expect.stringContaining("senders get") });
});

test("keys are created, listed without their text, and revoked", async () => {
  const args = ["keys", "create", "mill", "--label", "night", "--scopes", "messages:read"];
  const made = JSON.parse((await postrider([...args, "--print", "--json"])).out);
  const list = await postrider(["keys", "list", "mill"]);
  const revoked = await postrider(["keys", "revoke", "mill", made.keyId]);

  expect(made).toMatchObject({ apiKey: expect.stringMatching(/^prk_/), scopes: ["messages:read"] });
  expect(list.out).toContain(`${made.keyId}  night`);
  expect(list.out).not.toContain("prk_");
  expect(revoked.out).toMatch(new RegExp(`^${made.keyId} is revoked 2026-`));
});

test("a signing secret is rotated, with an overlap", async () => {
  const { out } = await postrider(["secrets", "rotate", "mill", "--overlap", "7d"], terminal);

  expect(out).toMatch(/signed by {2}\S+, \S+ \(until 2026-03-08T/);
  expect(out).toContain("whsec_");
});

describe("Nothing is made", () => {
  test.each([
    ["senders", "create", "other"],
    ["keys", "create", "mill", "--label", "a"],
    ["secrets", "rotate", "mill"],
  ])("where a secret would go into a file: %s %s", async (...args) => {
    const { code, err } = await postrider(args, {
      fetch: () => Promise.reject(new Error("Something was asked for")),
    });

    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("Add --print") });
  });

  test("where options are wrong: each is named", async () => {
    const keys = await postrider(["keys", "create", "a b", "--scopes", "all", "--expires", "1999"]);
    const secrets = await postrider(["secrets", "rotate", "mill", "--overlap", "91d"]);

    expect([keys.code, secrets.code]).toEqual([2, 2]);
    expect(keys.err.trimEnd().split("\n").slice(1, -1)).toEqual([
      expect.stringContaining("<senderId>: must be 1 to 128"),
      expect.stringContaining("--label: is required"),
      expect.stringContaining("--scopes: must be one or more of"),
      expect.stringContaining("--expires: must be"),
    ]);
    expect(secrets.err).toContain("--overlap: must be a duration such as");
  });

  test("with the key of a sender: it is refused, and the next step named", async () => {
    const { code, err } = await commandOn(service)(["senders", "list"]);

    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining("operator's key") });
  });
});

test.each([
  ["keys list", ["keys", "create", "mill", "--label", "lost"]],
  ["senders get", ["secrets", "rotate", "mill"]],
])("a lost answer is not asked for again, which would make another: see %s", async (next, args) => {
  let requests = 0;
  const ask = fetchOf(service);
  const fetch: Io["fetch"] = async (url, init) => {
    requests += 1;
    await ask(url, init);
    throw new TypeError("fetch failed");
  };

  const { code, err } = await postrider([...args, "--print"], { fetch });

  expect({ code, requests }).toEqual({ code: 1, requests: 1 });
  expect(err).toContain(`See postrider ${next} mill`);
});

test("the history of a sender says who did what, the newest first", async () => {
  await postrider(["senders", "create", "press"], terminal);
  service.advance(1000);
  await postrider(["senders", "set", "press", "--attempts", "4"]);
  service.advance(1000);
  const key = ["keys", "create", "press", "--label", "x", "--print", "--json"];
  const { keyId } = JSON.parse((await postrider(key)).out);

  const { out } = await postrider(["senders", "history", "press"]);
  const json = (await postrider(["senders", "history", "press", "--json"])).out.trim().split("\n");
  const none = await postrider(["senders", "history", "nobody"]);

  expect(out).toMatch(/^AT +CHANGE +BY KEY +FROM +ABOUT\n/);
  expect(out).toMatch(new RegExp(`create-key +\\S+ +${keyId}\n`));
  expect(out).toContain('{"retry":{"maxAttempts":4}}');
  expect(json.map((line) => JSON.parse(line).change)).toEqual([
    ...["create-key", "change-sender", "create-sender"],
  ]);
  expect(none.code).toBe(3);
});
