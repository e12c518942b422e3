/**
 * No sender sees or touches what is another's, by any route. So each operation of the OpenAPI
 * document is tried by everybody who may not do it, and then by who may.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Route } from "../../../docs/openapi/operation.ts";
import { operationList, operations } from "../../../docs/openapi/operations.ts";
import {
  formatApiKey,
  hashApiKey,
  type OperatorScope,
  operatorScopes,
  type Scope,
  scopes,
} from "../../../domain/api-key.ts";
import { apiKeyStore } from "../../../entities/api-key.ts";
import { exampleOf, prepareExample, sendExample } from "../../support/example.ts";
import { aRequest, openService, type Service } from "../../support/service.ts";

/** How an operation keeps senders apart. */
type Kind =
  /** It needs no key, and answers everybody alike. */
  | "open"
  /** Its path names a message: another sender's is answered as one that is not there. */
  | "message"
  /** Its path names a job: alike. */
  | "job"
  /** It shows messages or jobs: only the caller's own. */
  | "list"
  /** It counts messages: only the caller's own. */
  | "count"
  /** It adds up what came of messages: only of the caller's own. */
  | "total"
  /** It acts on every message that matches a filter: only on the caller's own. */
  | "filter"
  /** Its body has messages that name a sender each: only the caller may be named. */
  | "batch"
  /** It is for operators: no key of a sender opens it. */
  | "operator"
  /** Its body names a sender: only the caller may be named. */
  | "submit";

/** Decide for each new operation how it keeps senders apart. */
const kinds: Readonly<Record<Route, Kind>> = {
  "POST /v1/messages": "submit",
  "GET /v1/messages": "list",
  "GET /v1/messages/{messageId}": "message",
  "GET /v1/messages/{messageId}/body": "message",
  "GET /v1/messages/{messageId}/attempts": "message",
  "GET /v1/messages/{messageId}/why": "message",
  "GET /v1/messages/{messageId}/history": "message",
  "POST /v1/messages/{messageId}/cancel": "message",
  "POST /v1/messages/{messageId}/send-now": "message",
  "POST /v1/messages/{messageId}/replay": "message",
  "DELETE /v1/messages/{messageId}": "message",
  "GET /v1/failures": "list",
  "POST /v1/messages/batch": "batch",
  "GET /v1/counts": "count",
  "GET /v1/outcomes": "total",
  "POST /v1/jobs": "filter",
  "GET /v1/jobs": "list",
  "GET /v1/jobs/{jobId}": "job",
  "GET /v1/jobs/{jobId}/counts": "job",
  "POST /v1/jobs/{jobId}/pause": "job",
  "POST /v1/jobs/{jobId}/resume": "job",
  "POST /v1/jobs/{jobId}/cancel": "job",
  "POST /v1/senders": "operator",
  "GET /v1/senders": "operator",
  "GET /v1/senders/{senderId}": "operator",
  "PATCH /v1/senders/{senderId}": "operator",
  "GET /v1/senders/{senderId}/history": "operator",
  "GET /v1/senders/{senderId}/keys": "operator",
  "POST /v1/senders/{senderId}/keys": "operator",
  "POST /v1/senders/{senderId}/keys/{keyId}/revoke": "operator",
  "POST /v1/senders/{senderId}/secrets/rotate": "operator",
  "GET /healthz": "open",
  "POST /healthz/delivery": "open",
  "GET /openapi.json": "open",
  "GET /docs": "open",
};

test("Every operation of the document is in the matrix: if not, add its kind to `kinds`", () => {
  expect(Object.keys(operations).filter((route) => !(route in kinds))).toEqual([]);
});

test("Exactly the operations of kind open need no key", () => {
  const wrong = operationList.filter(
    ([route, { scope }]) => (kinds[route] === "open") !== (scope === undefined),
  );

  expect(wrong.map(([route]) => route)).toEqual([]);
});

const unauthenticated =
  '{"type":"urn:postrider:problem:unauthenticated","status":401,"title":"A valid API key is needed","code":"UNAUTHENTICATED","detail":"Send a valid API key as `Authorization: Bearer <key>`."}';

const revokedKey = async (service: Service): Promise<string> => {
  const key = await service.senderWithKey("shop");
  await apiKeyStore(service.storage).revoke(hashApiKey(key), service.now());
  return key;
};

/** Whoever is nobody to us, and the header that they send. */
const nobodies: readonly (readonly [string, (service: Service) => Promise<string | undefined>])[] =
  [
    ["no key", async () => undefined],
    ["a malformed key", async (service) => `Bearer ${service.apiKey.slice(0, -1)}`],
    ["another scheme", async (service) => `Basic ${service.apiKey}`],
    ["an unknown key", async () => `Bearer ${formatApiKey(new Uint8Array(32).fill(7))}`],
    ["a revoked key", async (service) => `Bearer ${await revokedKey(service)}`],
    [
      "an expired key",
      async (service) =>
        `Bearer ${await service.senderWithKey("shop", { expiresAt: service.now() })}`,
    ],
  ];

const of = (kind: Kind) =>
  operationList
    .filter(([route]) => kinds[route] === kind)
    .map(([route, { scope }]) => ({ route, scope }));

/** A message of `shop` that FAILED: its target has a name that nobody knows. */
const failOne = async (service: Service): Promise<void> => {
  const messageId = "order-failed";
  const targetUrl = "https://nowhere.example.com/";
  await service.submit(aRequest({ messageId, targetUrl, retry: { maxAttempts: 1 } }));
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
  // A job leaves alone what ends as it is planned.
  service.advance(1000);
};

/** Sends the example of an operation, with changes. */
type Send = (changes?: Parameters<typeof sendExample>[2]) => ReturnType<typeof sendExample>;

/** A key that has just these scopes: of `shop`, or of an operator. */
const keyWith = (service: Service, given: readonly (Scope | OperatorScope)[]): Promise<string> =>
  given.some((scope) => scope.startsWith("senders:"))
    ? service.operatorKey({ scopes: given })
    : service.senderWithKey("shop", { scopes: given as readonly Scope[] });

/** One service for the operation, with what its example needs, of the sender `shop`. */
const usePrepared = (route: Route) => {
  const service = {} as Service;
  const keys = { other: "", path: {} };
  beforeAll(async () => {
    Object.assign(service, await openService());
    keys.path = await prepareExample(service, route);
    if (["list", "filter", "total"].includes(String(kinds[route]))) await failOne(service);
    keys.other = `Bearer ${await service.senderWithKey("other")}`;
  });
  afterAll(() => service.close());
  const send: Send = (changes = {}) => sendExample(service, route, { path: keys.path, ...changes });
  return { service, keys, send };
};

/** What is stored and queued, and must not change by what is refused. */
const stateOf = async (service: Service) => ({
  message: await service.get("order-1"),
  queued: service.queued(),
  jobs: (await service.request("/v1/jobs")).text,
  sender: await service.senders.get("shop"),
});

const keyed = operationList.filter(([, { scope }]) => scope !== undefined);
describe.each(keyed.map(([route, { scope }]) => ({ route, scope })))(
  "$route",
  ({ route, scope }) => {
    const { service, keys, send } = usePrepared(route);

    test.each(nobodies)(
      "with %s is answered 401, always with the same bytes",
      async (_, headerOf) => {
        const authorization = await headerOf(service);
        const before = await stateOf(service);

        const { status, text } = await send({ authorization });

        expect([status, text]).toEqual([401, unauthenticated]);
        expect(await stateOf(service)).toEqual(before);
      },
    );

    test("with a key of every other scope is answered 403", async () => {
      const kin = kinds[route] === "operator" ? operatorScopes : scopes;
      const others = kin.filter((each) => each !== scope);
      const key = await keyWith(service, others);
      const before = await stateOf(service);

      const answer = await send({ authorization: `Bearer ${key}` });

      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toMatchObject({
        ...{ code: "FORBIDDEN", detail: `This API key does not have the scope ${scope}.` },
      });
      expect(await stateOf(service)).toEqual(before);
    });

    const named = { message: "messageId", job: "jobId" }[String(kinds[route])];
    if (named !== undefined)
      test("of what is another sender's is answered as of what is not there, to the byte", async () => {
        const authorization = keys.other;
        const before = await stateOf(service);

        const theirs = await send({ authorization });
        const missing = await send({
          ...{ authorization, path: { [named]: "0mm7p6yo0-missing" } },
        });

        expect(named === "jobId" ? JSON.parse(before.jobs).items[0] : before.message).toBeDefined();
        expect([theirs.status, theirs.text]).toEqual([404, missing.text]);
        expect(JSON.parse(theirs.text).code).toBe("NOT_FOUND");
        expect([...theirs.headers]).toEqual([...missing.headers]);
        expect(await stateOf(service)).toEqual(before);
      });

    if (kinds[route] === "list")
      test("shows another sender nothing of what is not its own", async () => {
        const own = await send();
        const { status, text } = await send({ authorization: keys.other });

        expect(own.text).toMatch(/order-|example\.com/);
        expect(status).toBe(200);
        expect(text).not.toMatch(/shop|order-|example\.com/);
      });

    if (kinds[route] === "operator")
      test("with a key of a sender that has every scope of senders is answered 403", async () => {
        const before = await stateOf(service);

        const { status, text } = await send({ authorization: `Bearer ${service.apiKey}` });

        expect([status, JSON.parse(text).code]).toEqual([403, "FORBIDDEN"]);
        expect(await stateOf(service)).toEqual(before);
      });

    if (kinds[route] === "count")
      test("counts for another sender nothing of what is not its own", async () => {
        const own = await send();
        const theirs = await send({ authorization: keys.other });

        expect([JSON.parse(own.text).count, JSON.parse(theirs.text).count]).toEqual([1, 0]);
      });

    if (kinds[route] === "total")
      test("adds up for another sender nothing of what is not its own", async () => {
        const own = await send();
        const theirs = await send({ authorization: keys.other });

        const failedIn = ({ text }: { readonly text: string }) => JSON.parse(text).total.failed;
        expect([failedIn(own), failedIn(theirs)]).toEqual([1, 0]);
      });

    if (kinds[route] === "filter")
      test("matches for another sender nothing that is not its own", async () => {
        const body = { action: "replay", filter: {}, planOnly: true };
        const own = await send({ body });
        const theirs = await send({ body, authorization: keys.other });

        const countIn = ({ text }: { readonly text: string }) => JSON.parse(text).plan.count;
        expect([countIn(own), countIn(theirs)]).toEqual([1, 0]);
      });

    if (kinds[route] === "batch")
      test("refuses each message in the name of another sender, and stores nothing", async () => {
        const { status, text } = await send({ authorization: keys.other });

        const codes = JSON.parse(text).results.map(
          ({ problem }: { readonly problem: { readonly code: string } }) => problem.code,
        );
        expect([status, codes]).toEqual([200, ["FORBIDDEN", "FORBIDDEN"]]);
        expect(await stateOf(service)).toMatchObject({ message: undefined, queued: [] });
      });

    if (kinds[route] === "submit") {
      test("in the name of another sender is answered 403, and stores nothing", async () => {
        const { status, text } = await send({ authorization: keys.other });

        expect([status, JSON.parse(text).code]).toEqual([403, "FORBIDDEN"]);
        expect(await stateOf(service)).toMatchObject({ message: undefined, queued: [] });
      });

      test("of an id that another sender has too is a message of its own", async () => {
        const body = { ...(exampleOf(route).body as object), senderId: "other" };

        const theirs = await send({ authorization: keys.other, body });

        expect([theirs.status, JSON.parse(theirs.text).duplicate]).toEqual([202, false]);
        expect(await service.get("order-1")).toBeUndefined();
      });
    }

    test("with a key of its own sender and scope is answered as the document says", async () => {
      const key = await keyWith(service, scope ? [scope] : []);

      const { status } = await send({ authorization: `Bearer ${key}` });

      expect(status).toBe(exampleOf(route).status);
    });
  },
);

describe.each(of("open"))("$route", ({ route }) => {
  const { service, send } = usePrepared(route);

  test.each(nobodies)("answers who has %s like everybody else", async (_, headerOf) => {
    const everybody = await send();

    const { status, text } = await send({
      authorization: await headerOf(service),
    });

    expect([status, text]).toEqual([exampleOf(route).status, everybody.text]);
  });
});
