import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { headerFaults } from "../../domain/header-rules.ts";
import { reservedHeaders } from "../../domain/reserved-headers.ts";
import { jsonSpelling } from "../support/json-spelling.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, secretOf, useService } from "../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let ids = 0;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterAll(() => receiver.close());

/** Submits a body and has it delivered; the bytes that its target got. */
const delivered = async (members: Readonly<Record<string, unknown>>): Promise<Buffer> => {
  ids += 1;
  const messageId = `trip-${ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(
    aRequest({ messageId, targetUrl, body: undefined, ...members }),
  );
  expect(status).toBe(202);
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
  const [seen, ...more] = receiver.of(messageId);
  expect(more).toEqual([]);
  return seen?.body ?? Buffer.from("nothing arrived");
};

const runs = { numRuns: 60 };

test("a text arrives as its bytes in UTF-8, whatever is in it and however long it is", async () => {
  const text = fc.string({ unit: "binary", maxLength: 3000 }).filter((each) => each.isWellFormed());

  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      expect((await delivered({ body })).equals(Buffer.from(body))).toBe(true);
    }),
    runs,
  );
});

test("bytes arrive as they are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      const bodyBase64 = Buffer.from(bytes).toString("base64");

      expect((await delivered({ bodyBase64 })).equals(Buffer.from(bytes))).toBe(true);
    }),
    runs,
  );
});

/** Submits a body as this text and has it delivered; the request that its target got. */
const deliveredText = async (text: string) => {
  ids += 1;
  const messageId = `trip-${ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const request = JSON.stringify(aRequest({ messageId, targetUrl, body: undefined }));
  const { status } = await service.request("/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `${request.slice(0, -1)},"body":${text}}`,
  });
  expect(status).toBe(202);
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
  const [seen] = receiver.of(messageId);
  if (!seen) throw new Error("Nothing arrived");
  return seen;
};

const long = `"${"\\u00e9\\/".repeat(300)}"`;

test("a JSON value arrives as it is written, to the byte, and is signed so", async () => {
  const number = fc
    .tuple(fc.bigInt(), fc.nat(), fc.integer({ min: -999, max: 999 }))
    .map(([whole, fraction, power]) => `${whole}.${fraction}0E${power}`);
  const spelling = fc.oneof(
    jsonSpelling.map(({ text }) => text).filter((text) => !text.startsWith('"')),
    number,
    fc
      .tuple(jsonSpelling, number)
      .map(([{ text }, big]) => `{"a":${text} ,\n"a":[${big},${long}]}`),
  );
  const signer = new Webhook(secretOf("shop"));

  await fc.assert(
    fc.asyncProperty(spelling, async (text) => {
      const { body, headers } = await deliveredText(text);

      expect(body.toString()).toBe(text);
      const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
      expect(headers["webhook-signature"]).toBe(
        signer.sign(String(headers["webhook-id"]), at, text),
      );
    }),
    runs,
  );
});

test("every header that is refused as set by Postrider is set, and the sender may set the rest", async () => {
  const messageId = "trip-headers";
  await service.submit(aRequest({ messageId, targetUrl: `${receiver.url}/hook` }));

  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });

  const names = Object.keys(receiver.of(messageId)[0]?.headers ?? {});
  const saidToBeSet = reservedHeaders.filter(({ why }) => why.startsWith("is set "));
  const notSet = saidToBeSet.filter(({ name: pattern }) => {
    const [prefix = "", wild] = pattern.split("*");
    return !names.some((name) => (wild === undefined ? name === prefix : name.startsWith(prefix)));
  });
  const free = names.filter((name) => headerFaults({ [name]: "1" }).length === 0);
  expect(saidToBeSet.map(({ name }) => name)).toContain("webhook-*");
  expect(notSet).toEqual([]);
  // The defaults of those, and nothing besides.
  expect(free.sort()).toEqual(["content-type", "idempotency-key"]);
});
