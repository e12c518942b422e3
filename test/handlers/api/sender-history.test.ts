/** What operators did to a sender: who, what, when and from where, stored before it is done. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { newSecret } from "../../../handlers/signing.ts";
import { awsError } from "../../support/faults.ts";
import { useService } from "../../support/service.ts";

const service = useService();
let operator: string;
let ids = 0;
beforeAll(async () => {
  operator = await service.operatorKey();
});

const iso = (ms: number): string => new Date(ms).toISOString();
const aSender = async (): Promise<string> => {
  const senderId = `sender-${++ids}`;
  await service.senderWithKey(senderId);
  return senderId;
};
const init = (method: string, body?: unknown) => ({
  method,
  ...(body !== undefined && {
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  }),
});
/** Asks as an operator, a second after whatever was before. */
const call = (method: string, path: string, body?: unknown) => {
  service.advance(1000);
  return service.request(`/v1/senders${path}`, init(method, body), operator);
};
const historyOf = async (senderId: string) =>
  (await call("GET", `/${senderId}/history`)).json.items;
const isOf = (entity: string) => (input: Record<string, unknown>) =>
  JSON.stringify(input).includes(`"S":"${entity}"`);
const crash = awsError("AccessDenied");

describe("The history of a sender", () => {
  test("has each change, the newest first: who made it, when and what", async () => {
    const senderId = `sender-${++ids}`;
    const { json: made } = await call("POST", "", { senderId });
    await call("PATCH", `/${senderId}`, { defaults: { timeoutMs: 9000, retry: null } });
    const { json: key } = await call("POST", `/${senderId}/keys`, { label: "till" });
    await call("POST", `/${senderId}/keys/${key.keyId}/revoke`);
    await call("POST", `/${senderId}/secrets/rotate`, { overlap: "2d" });
    const at = service.now();

    const by = { keyId: expect.stringMatching(/^[\w-]{12}$/) };
    const of = (change: string, agoMs: number, more: object = {}) => ({
      ...{ at: iso(at - agoMs), change, by, refused: false },
      ...more,
    });
    expect(await historyOf(senderId)).toEqual([
      of("rotate-secret", 0, { overlap: "2d" }),
      of("revoke-key", 1000, { revokedKeyId: key.keyId }),
      of("create-key", 2000, { madeKeyId: key.keyId }),
      of("change-sender", 3000, {
        defaults: { timeoutMs: 9000, retry: { schedule: null, maxAttempts: null } },
      }),
      of("create-sender", 4000, { madeKeyId: made.key.keyId }),
    ]);
  });

  test("has the address of the connection, and not one that a header names", async () => {
    const senderId = await aSender();
    const request = new Request(`http://localhost/v1/senders/${senderId}/keys`, {
      ...init("POST", { label: "till" }),
      headers: {
        authorization: `Bearer ${operator}`,
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.9",
      },
    });

    await service.api.fetch(request, { address: "192.0.2.7" });

    expect((await historyOf(senderId))[0].by).toMatchObject({ address: "192.0.2.7" });
  });

  test("marks a change that was refused, and has nothing of one that is refused before", async () => {
    const senderId = await aSender();
    const signingSecret = newSecret();
    await call("POST", `/${senderId}/secrets/rotate`, { signingSecret });

    const again = await call("POST", `/${senderId}/secrets/rotate`, { signingSecret });
    const exists = await call("POST", "", { senderId });
    const unknown = await call("POST", `/${senderId}/keys/Qd9bAnBT6f4A/revoke`);
    const bad = await call("PATCH", `/${senderId}`, { defaults: { timeoutMs: 1 } });

    expect([again, exists, unknown, bad].map(({ status }) => status)).toEqual([409, 409, 404, 400]);
    const told = (await historyOf(senderId)).map((each: Record<string, unknown>) => [
      ...[each["change"], each["refused"]],
    ]);
    expect(told).toEqual([
      ["rotate-secret", true],
      ["rotate-secret", false],
    ]);
  });

  test("is read page by page, is the sender's own, and ends after its days", async () => {
    const senderId = await aSender();
    const other = await aSender();
    for (const label of ["one", "two", "three"]) {
      await call("POST", `/${senderId}/keys`, { label });
      await call("POST", `/${other}/keys`, { label });
    }

    const { json: first } = await call("GET", `/${senderId}/history?limit=2`);
    const rest = `/${senderId}/history?limit=2&cursor=${encodeURIComponent(first.nextCursor)}`;
    const { json: second } = await call("GET", rest);
    const elsewhere = await call("GET", rest.replace(senderId, other));

    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null]);
    expect([elsewhere.status, elsewhere.json.code]).toEqual([400, "VALIDATION_ERROR"]);
    service.advance(limits.senderHistoryDays * 86_400_000);
    expect(await historyOf(senderId)).toEqual([]);
  });
});

describe("A process that dies", () => {
  test.each<[string, string, (senderId: string) => readonly [string, string, object?]]>([
    ["make a key", "apiKey", (id) => ["POST", `/${id}/keys`, { label: "till" }]],
    ["create a sender", "sender", (id) => ["POST", "", { senderId: `${id}-new` }]],
  ])("between the entry and the change to %s leaves the entry", async (_, entity, ask) => {
    const senderId = await aSender();
    const [method, path, body] = ask(senderId);
    const fault = { command: "PutItem", when: "before", error: crash, times: 1 } as const;
    service.faults.inject({ ...fault, on: isOf(entity) });

    const died = await call(method, path, body);
    const again = await call(method, path, body);

    expect([died.status, again.status]).toEqual([503, 201]);
    const entries = await historyOf(path === "" ? `${senderId}-new` : senderId);
    expect(entries.map(({ refused }: { refused: boolean }) => refused)).toEqual([false, false]);
  });

  test("before the entry is stored has changed nothing", async () => {
    const senderId = await aSender();
    const before = await service.senders.get(senderId);
    service.faults.inject({
      ...{ command: "PutItem", when: "before", error: crash, on: isOf("senderChange") },
    });

    const answers = [
      await call("PATCH", `/${senderId}`, { defaults: { timeoutMs: 9000 } }),
      await call("POST", `/${senderId}/keys`, { label: "till" }),
      await call("POST", `/${senderId}/secrets/rotate`),
      await call("POST", "", { senderId: `${senderId}-new` }),
    ];
    service.faults.clear();

    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(await service.senders.get(senderId)).toEqual(before);
    expect((await call("GET", `/${senderId}/keys`)).json.items).toEqual([]);
    expect(await service.senders.get(`${senderId}-new`)).toBeUndefined();
    expect(await historyOf(senderId)).toEqual([]);
  });
});
