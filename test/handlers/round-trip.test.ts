import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, type Service } from "../support/service.ts";

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let ids = 0;
beforeAll(async () => {
  service = await openService();
  receiver = await openReceiver();
});
afterAll(async () => {
  receiver.close();
  await service.close();
});

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

test("a JSON value arrives as its JSON", async () => {
  // Of an object, `__proto__` is not a member that a literal could show.
  const value = fc
    .json()
    .map((text) => JSON.parse(text) as unknown)
    .filter((each) => !JSON.stringify(each).includes("__proto__") && typeof each !== "string");

  await fc.assert(
    fc.asyncProperty(value, async (body) => {
      expect((await delivered({ body })).toString()).toBe(JSON.stringify(body));
    }),
    runs,
  );
});
