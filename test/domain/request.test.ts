import { expect, test } from "@jest/globals";
import { requestOf } from "../../domain/request.ts";
import { formatSecret } from "../../domain/signature.ts";
import { aMessage, t0 } from "../support/messages.ts";

const secret = formatSecret(new Uint8Array(32).fill(7));

test("A request carries one signature for each secret", () => {
  const { headers } = requestOf(aMessage(), {}, [secret, secret], t0);

  expect(headers["webhook-signature"]).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
});

test("There is no request without a signature", () => {
  expect(() => requestOf(aMessage(), {}, [], t0)).toThrow("no secret to sign");
});
