import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  parseTraceContext,
  storedTrace,
  type TraceContext,
  traceHeaders,
  traceOf,
  traceparentOf,
} from "../../domain/trace-context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const valid = `00-${traceId}-${spanId}-01`;
const context = { traceId, spanId, flags: 1 };

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
    .map((digits) => digits.join(""));
const id = (length: number) => hex(length).filter((text) => !/^0+$/.test(text));
const key = fc.stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,20}$/);
const value = fc.stringMatching(
  /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,8}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/,
);
const state = fc
  .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength: 1, maxLength: 12 })
  .map((members) => members.map(([name, text]) => `${name}=${text}`).join(","))
  .filter(({ length }) => length <= 512)
  // White space around the whole is that of the header.
  .filter((text) => text.trim() === text);
const contexts: fc.Arbitrary<TraceContext> = fc
  .record(
    { traceId: id(32), spanId: id(16), flags: fc.nat(255), tracestate: state },
    { requiredKeys: ["traceId", "spanId", "flags"] },
  )
  .map(({ tracestate, ...rest }) => ({ ...rest, ...(tracestate && { tracestate }) }));

describe("A traceparent", () => {
  test.each([
    ["of version 00", valid, context],
    ["that is not sampled", `00-${traceId}-${spanId}-00`, { ...context, flags: 0 }],
    ["with flags that nobody knows yet", `00-${traceId}-${spanId}-ff`, { ...context, flags: 255 }],
    ["between spaces and tabs", ` \t${valid}\t `, context],
    ["of a later version", `cc-${traceId}-${spanId}-01`, context],
    ["of a later version, with more", `cc-${traceId}-${spanId}-01-what-the-future`, context],
    ["of a later version, with a last dash", `cc-${traceId}-${spanId}-01-`, context],
  ])("%s is read", (_, text, expected) => {
    expect(parseTraceContext(text)).toEqual(expected);
  });

  test.each([
    ["that is empty", ""],
    ["of version ff", `ff-${traceId}-${spanId}-01`],
    ["of version 00 with more", `${valid}-what`],
    ["of version 00 with a last dash", `${valid}-`],
    ["of a later version with more that no dash begins", `cc-${traceId}-${spanId}-01.what`],
    ["of a later version with longer flags", `cc-${traceId}-${spanId}-010`],
    ["with a version of one digit", `0-${traceId}-${spanId}-01`],
    ["with a version of three digits", `000-${traceId}-${spanId}-01`],
    ["with a version that is no number", `.0-${traceId}-${spanId}-01`],
    ["with capitals in its trace id", `00-${traceId.toUpperCase()}-${spanId}-01`],
    ["with capitals in its span id", `00-${traceId}-${spanId.toUpperCase()}-01`],
    ["with capitals in its flags", `00-${traceId}-${spanId}-0A`],
    ["with a trace id of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
    ["with a span id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["with a trace id that is too short", `00-${traceId.slice(1)}-${spanId}-01`],
    ["with a trace id that is too long", `00-${traceId}0-${spanId}-01`],
    ["with a span id that is too short", `00-${traceId}-${spanId.slice(1)}-01`],
    ["with a span id that is too long", `00-${traceId}-${spanId}0-01`],
    ["with flags of one digit", `00-${traceId}-${spanId}-1`],
    ["with flags of three digits", `00-${traceId}-${spanId}-001`],
    ["with a digit that is none", `00-${traceId.slice(1)}g-${spanId}-01`],
    ["without its dashes", `00${traceId}${spanId}01`],
    ["that came twice", `${valid}, ${valid}`],
    ["in double quotes", `"${valid}"`],
  ])("%s is ignored", (_, text) => {
    expect(parseTraceContext(text, "a=1")).toBeUndefined();
  });

  test("is absent: so is the state that would go with it", () => {
    expect(parseTraceContext(undefined, "a=1")).toBeUndefined();
  });

  test("of version 00 goes out as it came in, whatever its ids and flags", () => {
    fc.assert(
      fc.property(id(32), id(16), hex(2), (trace, span, flags) => {
        const text = `00-${trace}-${span}-${flags}`;
        const parsed = parseTraceContext(text);
        expect(parsed && traceparentOf(parsed)).toBe(text);
      }),
    );
  });

  test("of a later version goes out as version 00", () => {
    const parsed = parseTraceContext(`01-${traceId}-${spanId}-03-more`);

    expect(parsed && traceparentOf(parsed)).toBe(`00-${traceId}-${spanId}-03`);
  });

  test("is read from any text without an error, and then has valid ids", () => {
    const near = fc
      .tuple(fc.constantFrom(valid, `cc-${traceId}-${spanId}-01-x`), fc.nat(60), fc.string())
      .map(([text, at, noise]) => `${text.slice(0, at)}${noise}${text.slice(at + 1)}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), fc.string(), (parent, tracestate) => {
        const parsed = parseTraceContext(parent, tracestate);
        if (parsed)
          expect(traceparentOf(parsed)).toMatch(
            /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/,
          );
      }),
    );
  });
});

describe("A tracestate", () => {
  const stateOf = (text: string) => parseTraceContext(valid, text)?.tracestate;
  const members = (count: number) =>
    Array.from({ length: count }, (_, index) => `k${index}=1`).join(",");

  test.each([
    ["one member", "rojo=00f067aa0ba902b7"],
    ["two members", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"],
    ["spaces and tabs between members", "a=1 ,\tb=2"],
    ["empty members", "a=1,,b=2,"],
    ["a vendor of a tenant", "fw529a3039@dt=FfffFI"],
    ["a key that begins with a digit", "0a=1"],
    ["every character that a value may have", "a= !\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"],
    ["spaces within a value", "a=1 2"],
    ["32 members", members(32)],
    ["512 characters", `${"a".repeat(256)}=${"1".repeat(255)}`],
  ])("with %s is kept as it came", (_, text) => {
    expect(stateOf(text)).toBe(text);
  });

  test.each([
    ["without a value", "a="],
    ["without a key", "=1"],
    ["without an equals sign", "a"],
    ["with a second equals sign", "a=1=2"],
    ["with a capital in a key", "A=1"],
    ["with a key that begins with an underscore", "_a=1"],
    ["with a space in a key", "a b=1"],
    ["with a space before an equals sign", "a =1"],
    ["with a key of 257 characters", `${"a".repeat(257)}=1`],
    ["with a value of 257 characters", `a=${"1".repeat(257)}`],
    ["with a character that is not ASCII", "a=é"],
    ["with a control character", "a=\u0001"],
    ["with a line break", "a=1\nb=2"],
    ["with the same key twice", "a=1,a=2"],
    ["with 33 members", members(33)],
    ["of 513 characters", `${"a".repeat(256)}=${"1".repeat(256)}`],
    ["of commas", ",,"],
  ])("%s is left out, and its traceparent is kept", (_, text) => {
    expect(parseTraceContext(valid, text)).toEqual(context);
  });

  test("goes out as it came in", () => {
    fc.assert(fc.property(state, (text) => expect(stateOf(text)).toBe(text)));
  });
});

describe("The place of a message in a trace", () => {
  test("is stored and read again as it was", () => {
    fc.assert(
      fc.property(contexts, (one) => {
        expect(traceOf(storedTrace(one))).toEqual(one);
      }),
    );
  });

  test("takes 25 bytes", () => {
    expect(storedTrace(context).trace?.byteLength).toBe(25);
  });

  test("is none, where none is stored or what is stored is damaged", () => {
    expect(storedTrace(undefined)).toEqual({});
    expect(traceOf({})).toBeUndefined();
    expect(traceOf({ tracestate: "a=1" })).toBeUndefined();
    expect(traceOf({ trace: Buffer.alloc(24, 1) })).toBeUndefined();
    expect(traceOf({ trace: Buffer.alloc(26, 1) })).toBeUndefined();
  });

  test("is handed on by headers that are read as it was", () => {
    fc.assert(
      fc.property(contexts, (one) => {
        const { traceparent, tracestate } = traceHeaders(one);
        expect(parseTraceContext(traceparent, tracestate)).toEqual(one);
      }),
    );
  });
});
