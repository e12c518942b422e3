/**
 * Where the rule of a member is code, its schema says its shape by hand. A client that goes by the
 * document must not refuse what the service takes, and should know of the limits.
 */
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { limits } from "../../domain/limits.ts";
import { listMembers } from "../../handlers/api/list-query.ts";
import document from "../../handlers/api/openapi.json" with { type: "json" };
import { submissionMembers } from "../../handlers/submission/members.ts";
import { aRequest } from "../support/service.ts";

type Shape = Parameters<typeof z.fromJSONSchema>[0];

const https = "https://example.com/";
const parsed = submissionMembers({ allowed: [], http: "never" });
const described = z.fromJSONSchema(document.components.schemas.Submission as Shape);
const valid = (members: object) => aRequest({ targetUrl: https, ...members });

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, "a"]));
const schedule = (waits: readonly unknown[]) => ({ retry: { schedule: waits } });

describe("A submit that the service takes is one by the document too", () => {
  test.each<[string, object]>([
    ["with the shortest ids", { messageId: "a", senderId: "b" }],
    ["with the longest ids", { messageId: "~".repeat(limits.idCharsMax) }],
    ["with the longest target", { targetUrl: https.padEnd(limits.targetUrlCharsMax, "a") }],
    ["with the most headers", { headers: many(limits.headersCountMax) }],
    ["with any JSON for a body", { body: [null, 1.5, { a: [] }] }],
    ["with bytes for a body", { body: undefined, bodyBase64: "AP8=" }],
    ["with a time with an offset", { deliverAt: "2026-03-02T13:00:00.5+01:00" }],
    ["with every unit of a wait", schedule(["0ms", "1s", "2m", "3h", "1d", " 5s "])],
    ["with the most waits", schedule(Array(limits.attemptsMax - 1).fill("1s"))],
    ["with the most of the numbers", { timeoutMs: limits.timeoutMsMax, retentionDays: 365 }],
  ])("%s", (_name, members) => {
    const request = JSON.parse(JSON.stringify(valid(members)));

    expect(parsed.safeParse(request).success).toBe(true);
    expect(described.safeParse(request).error?.issues ?? []).toEqual([]);
  });
});

describe("A submit that the document refuses is refused by the service", () => {
  test.each<[string, object]>([
    ["without an id", { messageId: "" }],
    ["with an id that is too long", { messageId: "a".repeat(limits.idCharsMax + 1) }],
    [
      "with a target that is too long",
      { targetUrl: https.padEnd(limits.targetUrlCharsMax + 1, "a") },
    ],
    ["with too many headers", { headers: many(limits.headersCountMax + 1) }],
    ["with a header that is no text", { headers: { "x-a": 1 } }],
    ["with headers that are no object", { headers: ["x-a"] }],
    ["with a wait without a unit", schedule(["5"])],
    ["with a wait that is no text", schedule([5])],
    ["with too many waits", schedule(Array(limits.attemptsMax).fill("1s"))],
    ["with a fraction of a number", { timeoutMs: 100.5 }],
    ["with a number that is too large", { timeoutMs: limits.timeoutMsMax + 1 }],
    ["with a time that is too long", { timestamp: `2026-03-02T13:00:00.${"0".repeat(64)}Z` }],
    ["with a member that is not known", { colour: "red" }],
  ])("%s", (_name, members) => {
    const request = valid(members);

    expect(described.safeParse(request).success).toBe(false);
    expect(parsed.safeParse(request).success).toBe(false);
  });
});

test.each([0, 1, limits.listPageMax, limits.listPageMax + 1, 1.5])(
  "A list that is asked for %d messages is judged alike by both",
  (limit) => {
    const { parameters } = document.paths["/v1/messages"].get;
    const shape = parameters.find(({ name }) => name === "limit")?.schema as Shape;

    expect(z.fromJSONSchema(shape).safeParse(limit).success).toBe(
      listMembers.safeParse({ limit: String(limit) }).success,
    );
  },
);
