import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as fingerprints from "../../domain/fingerprint.ts";
import type { Submission } from "../../domain/submission.ts";
import { jsonSpelling } from "../support/json-spelling.ts";
import { aMac, aSubmission, dayMs, hourMs, t0, utf8 } from "../support/messages.ts";

/** Asks for everything that can be asked for. */
const full: Required<Submission> = {
  senderId: "shop",
  messageId: "order-7",
  timestamp: "2026-11-02T08:59:59Z",
  targetUrl: "https://example.com/hooks",
  method: "PUT",
  headers: { "X-A": "1", "X-B": "2" },
  body: utf8('{"a":1}'),
  bodyType: "json",
  deliverAt: t0 + hourMs,
  giveUpAt: t0 + dayMs,
  maxAttempts: 5,
  scheduleMs: [1000, 2000],
  timeoutMs: 5000,
  retentionDays: 7,
  redact: "hr",
  trace: Buffer.alloc(25, 1),
  tracestate: "a=1",
};

const { fingerprintApart, isSpelledAs } = fingerprints;
const fingerprintOf = (asked: Submission) => fingerprints.fingerprintOf(asked, aMac);
const isRepeat = (stored: string, asked: Submission) => fingerprints.isRepeat(stored, asked, aMac);

describe("the fingerprint", () => {
  const others: Required<Submission> = {
    ...full,
    senderId: "shop2",
    messageId: "order-8",
    targetUrl: "https://example.com/hook",
    method: "PATCH",
    headers: { "X-A": "1", "X-B": "3" },
    body: utf8('{"a": 2}'),
    bodyType: "text",
    deliverAt: t0 + hourMs + 1,
    giveUpAt: t0 + dayMs + 1,
    maxAttempts: 6,
    scheduleMs: [1000, 2001],
    timeoutMs: 5001,
    retentionDays: 8,
    redact: "bhr",
    trace: Buffer.alloc(25, 2),
    tracestate: "a=2",
  };
  const uncounted: readonly string[] = ["timestamp", "trace", "tracestate"];
  const members = (Object.keys(full) as (keyof Submission)[]).filter(
    (name) => !uncounted.includes(name),
  );

  test("is the same in another trace, and in none", () => {
    const { trace: _, tracestate: __, ...without } = full;

    const elsewhere = { ...full, trace: others.trace, tracestate: others.tracestate };

    expect(fingerprintOf(elsewhere)).toBe(fingerprintOf(full));
    expect(fingerprintOf(without)).toBe(fingerprintOf(full));
  });

  test.each(members)("is another if the %s is", (member) => {
    const changed = { ...full, [member]: others[member] };

    expect(fingerprintOf(changed)).not.toBe(fingerprintOf(full));
  });

  test.each(members.filter((name) => name !== "senderId" && name !== "messageId"))(
    "is another if the %s is left out",
    (member) => {
      const less = { ...full, [member]: undefined } as Submission;

      expect(fingerprintOf(less)).not.toBe(fingerprintOf(full));
    },
  );

  test("is the same if only the timestamp is another", () => {
    const later = { ...full, timestamp: "2026-11-02T09:00:00Z" };

    expect(fingerprintOf(later)).toBe(fingerprintOf(full));
  });

  test("is the same in whatever order headers and members come", () => {
    const reordered = Object.fromEntries(Object.entries(full).reverse()) as Submission;
    const headers = { "X-B": "2", "X-A": "1" };

    expect(fingerprintOf({ ...reordered, headers })).toBe(fingerprintOf(full));
  });

  test("is the same for the default method, given or not", () => {
    expect(fingerprintOf(aSubmission({ method: "POST" }))).toBe(fingerprintOf(aSubmission()));
  });

  test("is the same for no headers and none", () => {
    expect(fingerprintOf(aSubmission({ headers: {} }))).toBe(fingerprintOf(aSubmission()));
  });

  test("tells what is in a header from what is in the body", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, more) => {
        fc.pre(more !== "");
        const one = aSubmission({ headers: { "X-A": text }, body: utf8(more) });
        const other = aSubmission({ headers: { "X-A": text + more }, body: utf8("") });

        expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
      }),
    );
  });

  test("does not change from one version to the next: it is stored", () => {
    const { redact: _, ...before } = full;
    expect(fingerprintOf(before)).toBe("U9SF-Nwblp-k5vN0n1TY99qWNOltQb5Ja3uhe4W4on8");
    expect(fingerprintOf(aSubmission())).toBe("-vlcu26l-O4Bzr9RP1ZD2q1SgYSdm49tMfSwTA4TfBY");
  });
});

const json = (text: string): Submission => aSubmission({ body: utf8(text), bodyType: "json" });

describe("a JSON body", () => {
  test("counts by its value, however it is spelled", () => {
    fc.assert(
      fc.property(jsonSpelling, ({ text, value }) => {
        expect(isRepeat(fingerprintOf(json(text)), json(JSON.stringify(value)))).toBe(true);
      }),
    );
  });

  test.each([
    ["9007199254740993", "9007199254740992"],
    ['{"a":1e400}', '{"a":-1e400}'],
    ["-0", "0"],
    ['"1"', "1"],
    ["[1]", "[1,1]"],
  ])("is another if the value is: %s and %s", (one, other) => {
    expect(isRepeat(fingerprintOf(json(one)), json(other))).toBe(false);
  });

  test("a stored JSON body that somebody made invalid is compared by its bytes", () => {
    const [broken, other] = [json("{"), json("[")];

    expect(fingerprintOf(broken)).toBe(fingerprintOf(broken));
    expect(fingerprintOf(broken)).not.toBe(fingerprintOf(other));
    const [one, two] = [
      [0x22, 0xff, 0x22],
      [0x22, 0xfe, 0x22],
    ].map((bytes) => aSubmission({ body: Uint8Array.from(bytes), bodyType: "json" })) as [
      Submission,
      Submission,
    ];
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(two));
  });

  test.each(["text", "bytes"] as const)("counts byte for byte where it is %s", (bodyType) => {
    const one = aSubmission({ body: utf8('{"a":1}'), bodyType });
    const other = aSubmission({ body: utf8('{"a": 1}'), bodyType });

    expect(isRepeat(fingerprintOf(one), other)).toBe(false);
  });
});

describe("a body that is stored apart", () => {
  const apart = (asked: Submission): string => fingerprintApart(fingerprintOf(asked), asked);

  test("has a key for each spelling, and each is a repeat of the other", () => {
    const spellings = ['{"a":10}', '{"a": 10}', '{"a":10.00}', '{"\\u0061":10}'].map(json);

    const keys = spellings.map(apart);

    expect(new Set(keys).size).toBe(4);
    for (const key of keys)
      expect(spellings.map((each) => isRepeat(key, each))).toEqual([true, true, true, true]);
    expect(isRepeat(apart(json('{"a": 10}')), json('{"a":11}'))).toBe(false);
  });

  test("has the key that it always had where it is spelled as the first version wrote it", () => {
    for (const asked of [
      json('{"a":10}'),
      aSubmission(),
      aSubmission({ body: utf8(" 1"), bodyType: "text" }),
    ])
      expect(apart(asked)).toBe(fingerprintOf(asked));
  });
});

describe("what is stored apart", () => {
  test("is known by its bytes", () => {
    const asked = json('{"a": 10}');
    const stored = fingerprintApart(fingerprintOf(asked), asked);

    expect(isSpelledAs(stored, asked)).toBe(true);
    expect(isSpelledAs(stored, json('{"a":10}'))).toBe(false);
    expect(isSpelledAs(fingerprintOf(asked), json('{"a":10}'))).toBe(true);
    expect(isSpelledAs(fingerprintOf(asked), asked)).toBe(false);
  });
});

describe("secret headers", () => {
  const headers = { "X-Shop": "7", Authorization: "Bearer 1234" };
  const asked = aSubmission({ headers, body: utf8('{"a": 1}'), bodyType: "json" });
  const stored = fingerprintOf(asked);
  /** As the first version made it, of a text that needs no other spelling. */
  const plain = "b1kMDwHIbEP_IF-rSMonZEKI8YCBJD_z5gRRRkDJaFM";

  test("make it a keyed hash, which names its form and its key", () => {
    expect(stored).toMatch(/^v2\.newestid\.[\w-]{43}$/);
    expect(fingerprintOf({ ...asked, headers: { "X-Shop": "7" } })).toMatch(/^[\w-]{43}$/);
    expect(fingerprints.fingerprintKeyId(stored)).toBe("newestid");
    expect(fingerprints.fingerprintKeyId(fingerprintApart(stored, asked))).toBe("newestid");
  });

  test("tell a repeat from another value, whichever key is the newest", () => {
    const another = fingerprints.fingerprintOf(asked, (text, id = "another1") => aMac(text, id));

    expect(another).toMatch(/^v2\.another1\./);
    for (const each of [stored, another, fingerprintApart(another, asked)]) {
      expect(isRepeat(each, asked)).toBe(true);
      expect(isRepeat(each, { ...asked, headers: { ...headers, Authorization: "x" } })).toBe(false);
      expect(isRepeat(each, { ...asked, headers: { "X-Shop": "7" } })).toBe(false);
    }
  });

  test("are compared as the first version did where that stored the message", () => {
    expect(isRepeat(plain, asked)).toBe(true);
    expect(isRepeat(plain, { ...asked, headers: { ...headers, "X-Shop": "8" } })).toBe(false);
  });

  test("cannot be compared without the key: that is neither a repeat nor a conflict", () => {
    const lost = `v2.lostlost.${stored.slice(-43)}`;

    expect(() => isRepeat(lost, asked)).toThrow("no such key");
  });

  test.each(["", "v2", "v3.newestid.", "v2.newestid.short", "."])(
    "are no repeat of a fingerprint that is none: %j",
    (none) => {
      expect(isRepeat(none, asked)).toBe(false);
    },
  );
});
