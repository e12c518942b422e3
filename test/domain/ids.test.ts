/** Message ids of other systems, as keys, contexts and paths hold them. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { idInKey, idInPath, idOfKey, idOfPath, isMessageId, isSenderId } from "../../domain/ids.ts";

const ids = fc.stringMatching(/^[\x21-\x7e]{1,128}$/).filter(isMessageId);
const escapes = fc
  .array(fc.constantFrom("%", "2", "3", "5", "F", "#", "a"), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(""));
const any = fc.oneof(ids, escapes);

describe("A message id in a key", () => {
  test("is its own if it is of the letters that ids always had", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.:-]{1,128}$/), (id) => {
        expect(idInKey(id)).toBe(id);
      }),
    );
  });

  test("comes back, and so no two ids have the same", () => {
    fc.assert(
      fc.property(any, (id) => {
        expect(idInKey(id)).toMatch(/^[A-Za-z0-9_.:%-]+$/);
        expect(idOfKey(idInKey(id))).toBe(id);
      }),
    );
  });

  test("tells an escape from what it stands for", () => {
    expect(["a#b", "a%23b", "a%2523b"].map(idInKey)).toEqual(["a%23b", "a%2523b", "a%252523b"]);
  });
});

describe("A message id in a path", () => {
  test("is one segment that comes back, however often it is decoded on the way", () => {
    fc.assert(
      fc.property(any.filter(isMessageId), (messageId) => {
        const segment = idInPath(messageId);

        expect(decodeURIComponent(segment)).toBe(segment);
        expect(new URL(`http://a/m/${segment}/end`).pathname).toBe(`/m/${segment}/end`);
        const isExact = segment.startsWith("~");
        expect(idOfPath(segment)).toEqual({ kind: "id", messageId, isExact });
      }),
    );
  });

  test("may be percent-encoded without / and ? and a ~ in front", () => {
    fc.assert(
      fc.property(
        any.filter((id) => isMessageId(id) && !/^~|[/?]/.test(id)),
        (messageId) => {
          const segment = encodeURIComponent(messageId);

          expect(idOfPath(segment)).toEqual({ kind: "id", messageId, isExact: false });
        },
      ),
    );
  });

  test.each(["%", "%4", "%zz", "a%", "%ff", "%C3"])(
    "is not %s, which cannot be decoded",
    (segment) => {
      const message = "is not percent-encoded text";
      expect(idOfPath(segment)).toEqual({ kind: "fault", message });
    },
  );

  test.each(["~", "~a", "~Y", "~Lg", "~YR", "~YQ==", "~w6Q"])(
    "is not %s, which is not the base64url of an id",
    (segment) => {
      const message = "begins with ~ and is not the base64url of a message id";
      expect(idOfPath(segment)).toEqual({ kind: "fault", message });
    },
  );

  test.each(["a%2Fb", "a%3Fb", "%2f", "a/attempts"])(
    "is not %s, of which a gateway would make something else",
    (segment) => {
      expect(idOfPath(segment)).toEqual({
        kind: "fault",
        message: "has a / or a ?: write it as ~ and its base64url",
      });
    },
  );
});

test("A sender id is of fewer characters than a message id", () => {
  const mail = "a@b.example";

  expect([isMessageId(mail), isSenderId(mail)]).toEqual([true, false]);
});
