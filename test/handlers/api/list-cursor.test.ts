/** Cursors of lists: only those that this service made, for this sender and this filter. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { pagesOf, shards, storing } from "../../support/listed.ts";
import { masterKey, start, useService } from "../../support/service.ts";

const service = useService({ shards });
let otherKey: string;

beforeAll(async () => {
  const store = storing(service);
  otherKey = await service.senderWithKey("bakery");
  for (const senderId of ["shop", "bakery"])
    for (let index = 0; index < 4; index += 1)
      await store.failed(`${senderId}-${index}`, { senderId, createdAt: start + index });
  for (const senderId of ["shop", "bakery"])
    for (let index = 0; index < 4; index += 1)
      await store.pending(`${senderId}-open-${index}`, { senderId });
});

const list = (query: Readonly<Record<string, string>>, key = service.apiKey) =>
  service.request(`/v1/messages?${new URLSearchParams({ limit: "2", ...query })}`, {}, key);
const cursorOf = async (query: Readonly<Record<string, string>> = {}): Promise<string> =>
  (await list(query)).json.nextCursor;

const refused = {
  type: "urn:postrider:problem:validation-error",
  title: "The request is not valid",
  status: 400,
  code: "VALIDATION_ERROR",
  detail: "The request has 1 fault.",
  issues: [
    {
      path: ["cursor"],
      message:
        "is not a cursor of this list: begin again without it, or use it with the same filter",
    },
  ],
};

describe("A cursor", () => {
  test("is base64url, and shows nothing of the place that it stands for", async () => {
    const cursor = await cursorOf({ status: "unfinished" });

    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    const text = Buffer.from(cursor, "base64url").toString("latin1");
    const [, , , box = ""] = text.split(".");
    for (const each of [text, Buffer.from(box, "base64url").toString("latin1")])
      expect(each).not.toMatch(/shop|bakery|messageId/);
  });

  test("may be used with another limit, and with the same times written otherwise", async () => {
    const cursor = await cursorOf({ from: "2026-03-01T12:00:00Z" });

    const { status } = await list({ cursor, limit: "7", from: "2026-03-01T13:00:00.000+01:00" });

    expect(status).toBe(200);
  });

  test("is refused with any one of its characters changed, without a look at the table", async () => {
    const cursor = await cursorOf();
    await list({});
    const before = service.faults.calls.length;

    for (const index of Array.from(cursor).keys()) {
      const changed = cursor[index] === "A" ? "B" : "A";
      const forged = `${cursor.slice(0, index)}${changed}${cursor.slice(index + 1)}`;
      const { status, json } = await list({ cursor: forged });

      expect([index, status, json]).toEqual([index, 400, refused]);
    }
    expect(service.faults.calls).toHaveLength(before);
  });

  test.each<[string, (cursor: string) => string]>([
    ["cut off", (cursor) => cursor.slice(0, -1)],
    ["longer", (cursor) => `${cursor}A`],
    ["padded", (cursor) => `${cursor}=`],
    ["with a space", (cursor) => ` ${cursor}`],
    ["of zeros", (cursor) => "A".repeat(cursor.length)],
    ["as long as it may be", () => "A".repeat(limits.cursorCharsMax)],
    ["a text", () => "next"],
    ["a position in the clear", () => btoa('[0,0,"a","b"]')],
  ])("is refused %s", async (_what, change) => {
    const { status, json } = await list({ cursor: change(await cursorOf()) });

    expect([status, json]).toEqual([400, refused]);
  });

  test.each([
    ["too long", "A".repeat(limits.cursorCharsMax + 1), "must be at most 4096 characters long"],
    ["empty", "", "must be at least 1 characters long"],
  ])("is refused %s", async (_what, cursor, message) => {
    const { status, json } = await list({ cursor });

    expect([status, json.issues]).toEqual([400, [{ path: ["cursor"], message }]]);
  });

  test("of another sender is refused", async () => {
    const queries: readonly Readonly<Record<string, string>>[] = [{}, { status: "unfinished" }];
    for (const query of queries) {
      const cursor = await cursorOf(query);

      const { status, json } = await list({ ...query, cursor }, otherKey);

      expect([status, json]).toEqual([400, refused]);
    }
  });

  test("of another filter is refused", async () => {
    const filters: readonly Readonly<Record<string, string>>[] = [
      {},
      { status: "FAILED" },
      { status: "unfinished" },
      { reason: "gone" },
      { from: "2026-03-01T12:00:00Z" },
      { from: "2026-03-01T11:00:00Z" },
      { to: "2026-03-02T12:00:00Z" },
      { target: "example.com" },
      { target: "https://example.com/hooks" },
    ];
    for (const one of filters)
      for (const other of filters) {
        const cursor = await cursorOf(one);

        const { status } = await list({ ...other, cursor });

        expect([one, other, status]).toEqual([one, other, one === other ? 200 : 400]);
      }
  });

  test("stays good when the master key is rotated, and is refused once its key is gone", async () => {
    const cursor = await cursorOf();
    const next = Buffer.alloc(32, "the next master key of the tests");

    service.useMasterKeys(next, masterKey);
    const during = await list({ cursor });
    service.useMasterKeys(next);
    const after = await list({ cursor });
    service.useMasterKeys(masterKey);

    expect([during.status, after.status, after.json]).toEqual([200, 400, refused]);
  });

  test("leads to the end of a list", async () => {
    expect((await pagesOf(service, { limit: "3" })).flat()).toHaveLength(8);
  });
});

describe("A query", () => {
  const issuesOf = async (search: string) => {
    const { status, json } = await service.request(`/v1/messages?${search}`);
    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    return json.issues;
  };
  const time = "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)";

  test("that is wrong gets every fault at once", async () => {
    const search =
      "status=DONE&from=now&to=2026-01-31&target=a/b&reason=bad&limit=0&sort=asc&__proto__=1&cursor=";

    expect(await issuesOf(search)).toEqual(
      expect.arrayContaining([
        {
          path: ["status"],
          message:
            "must be one of PENDING, QUEUED, PROCESSING, COMPLETED, FAILED, CANCELLED, unfinished",
        },
        { path: ["from"], message: time },
        { path: ["to"], message: time },
        {
          path: ["target"],
          message: "must be a host such as example.com or example.com:8443, or a whole URL",
        },
        {
          path: ["reason"],
          message:
            "must be one of attempts-exhausted, too-late, gone, target-blocked, payload-missing, unsendable",
        },
        { path: ["limit"], message: "must be at least 1" },
        { path: ["cursor"], message: "must be at least 1 characters long" },
        { path: ["sort"], message: "is not a known member" },
        { path: ["__proto__"], message: "is not a known member" },
      ]),
    );
  });

  test("that has a member twice is refused", async () => {
    const search = "status=FAILED&status=FAILED&limit=x&limit=2&x=1&x=2";

    expect(await issuesOf(search)).toEqual([
      { path: ["x"], message: "is not a known member" },
      { path: ["status"], message: "is given more than once" },
      { path: ["limit"], message: "is given more than once" },
      { path: ["x"], message: "is given more than once" },
    ]);
  });

  test.each([
    ["limit=101", "limit", "must be at most 100"],
    ["limit=1.5", "limit", "must be a whole number"],
    ["limit=-1", "limit", "must be a whole number"],
    ["limit=", "limit", "must be a whole number"],
    ["limit=1e1", "limit", "must be a whole number"],
    ["status=", "status", expect.stringContaining("must be one of")],
    ["status=failed", "status", expect.stringContaining("must be one of")],
    ["from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z", "to", "must be later than from"],
    ["status=PENDING&reason=gone", "reason", "is only for messages that FAILED"],
    ["status=unfinished&reason=gone", "reason", "is only for messages that FAILED"],
    ["target=", "target", expect.stringContaining("must be a host")],
    ["target=a:99999", "target", expect.stringContaining("must be a host")],
    ["target=a@b", "target", expect.stringContaining("must be a host")],
    ["target=https://", "target", expect.stringContaining("must be a host")],
    [`target=${"a".repeat(2049)}`, "target", "must be at most 2048 characters long"],
  ])("is refused as %s", async (search, member, message) => {
    expect(await issuesOf(search)).toEqual([{ path: [member], message }]);
  });

  test("that is wrong gets the faults between members too", async () => {
    const search = "status=PENDING&reason=gone&limit=x";

    expect((await issuesOf(search)).map(({ path }: { path: unknown }) => path)).toEqual([
      ["limit"],
      ["reason"],
    ]);
  });

  test("with very many unknown members gets a hundred of them named", async () => {
    const search = Array.from({ length: 1000 }, (_, index) => `x${index}=1&x${index}=1`).join("&");

    expect(await issuesOf(search)).toHaveLength(100);
  });
});
