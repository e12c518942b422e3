/** The receiver with which a deployment is tried: a delivery of its own, and nobody else, is answered. */
import { describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { secretOf, useService } from "../../support/service.ts";

const service = useService();
const body = '{"check":"1"}';

/** The headers of a delivery, signed by another implementation of the standard. */
const signed = (secret = secretOf("shop"), at = service.now(), content = body) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": String(Math.floor(at / 1000)),
  "webhook-signature": new Webhook(secret).sign("msg_1", new Date(at), content),
  "postrider-sender-id": "shop",
});
const receive = async (headers: Readonly<Record<string, string>>, content = body) => {
  const answer = await service.api.request("/healthz/delivery", {
    method: "POST",
    headers,
    body: content,
  });
  return { status: answer.status, text: await answer.text() };
};

test("A delivery that is signed with a secret of its sender is answered 204", async () => {
  expect(await receive(signed())).toEqual({ status: 204, text: "" });
});

test("One of several signatures is enough, as while secrets are rotated", async () => {
  const { "webhook-signature": right } = signed();
  const { "webhook-signature": other } = signed(secretOf("another"));

  expect(await receive({ ...signed(), "webhook-signature": `${other} ${right}` })).toEqual({
    ...{ status: 204, text: "" },
  });
});

describe("Who is not a worker of this deployment is told that there is nothing:", () => {
  const without = (name: string) => {
    const headers: Record<string, string> = signed();
    delete headers[name];
    return headers;
  };
  const { length } = "webhook-signature";

  test.each<[string, () => Readonly<Record<string, string>>]>([
    ["nobody", () => ({})],
    ["without an id", () => without("webhook-id")],
    ["without a time", () => without("webhook-timestamp")],
    ["without a signature", () => without("webhook-signature")],
    ["without a sender", () => without("postrider-sender-id")],
    ["with the secret of another sender", () => signed(secretOf("another"))],
    ["with other content", () => signed(secretOf("shop"), service.now(), "{}")],
    ["with another id", () => ({ ...signed(), "webhook-id": "msg_2" })],
    ["of five minutes ago", () => signed(secretOf("shop"), service.now() - 301_000)],
    ["of in five minutes", () => signed(secretOf("shop"), service.now() + 301_000)],
    [
      "in the name of a sender that there is not",
      () => ({
        ...signed(),
        "postrider-sender-id": "none",
      }),
    ],
    [
      "with no signature, in the name of a sender without secrets",
      () => ({
        ...signed(),
        ...{ "postrider-sender-id": "none", "webhook-signature": "" },
      }),
    ],
    [
      "with more signatures than there can be",
      () => ({
        ...signed(),
        "webhook-signature": `${signed()["webhook-signature"]} ${"x".repeat(1024 - length)}`,
      }),
    ],
  ])("%s", async (_, headers) => {
    const nothing = await service.api.request("/healthz/nothing", { method: "POST" });

    expect(await receive(headers())).toEqual({ status: 404, text: await nothing.text() });
  });
});

test("What is refused by its headers costs no read", async () => {
  const before = service.faults.calls.length;

  await receive({});
  await receive(signed(secretOf("shop"), service.now() - 301_000));

  expect(service.faults.calls.slice(before)).toEqual([]);
});

test("A body that is larger than that of any check is not read", async () => {
  expect(await receive(signed(), "x".repeat(4097))).toMatchObject({ status: 413 });
});

test("A table that does not answer is a fault of ours, and not a wrong signature", async () => {
  service.faults.inject({ command: "GetItem", when: "before", error: new Error("down") });
  const answer = await receive({ ...signed(), "postrider-sender-id": "unseen" });

  expect(answer).toMatchObject({ status: 503 });
});
