import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseTime } from "../../domain/time.ts";

describe("a time that is read", () => {
  test.each([
    // The examples of RFC 3339, section 5.8.
    ["1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"],
    ["1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"],
    ["1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"],
    ["1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"],
    ["1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"],
    // Section 5.6: "T" and "Z" may be lower case.
    ["2026-03-01t12:00:00z", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01T12:00:00z", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01t12:00:00+02:00", "2026-03-01T10:00:00.000Z"],
    // Section 4.3: an offset that is not known.
    ["2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01T12:00Z", "2026-03-01T12:00:00.000Z"],
    ["2026-03-01T12:00:00.1234567891234Z", "2026-03-01T12:00:00.123Z"],
    ["2026-03-01T12:00:00.9999Z", "2026-03-01T12:00:00.999Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29T23:59:59+23:59", "2000-02-29T00:00:59.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["0099-06-30T00:00:00Z", "0099-06-30T00:00:00.000Z"],
    ["2026-06-30T23:59:60.5Z", "2026-07-01T00:00:00.500Z"],
    ["2026-07-01T05:29:60+05:30", "2026-07-01T00:00:00.000Z"],
  ])("%s is %s", (text, moment) => {
    expect(parseTime(text)).toEqual({ ms: Date.parse(moment) });
  });

  test("every moment that a Date writes is read as itself, in both cases", () => {
    const moments = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });

    fc.assert(
      fc.property(moments, (date) => {
        const text = date.toISOString();
        expect(parseTime(text)).toEqual({ ms: date.getTime() });
        expect(parseTime(text.toLowerCase())).toEqual({ ms: date.getTime() });
      }),
    );
  });
});

describe("a time that is refused, with the reason", () => {
  const shape = expect.stringContaining("such as 2026-01-31T12:00:00Z (RFC 3339)");
  const day = "names a day that its month does not have";
  const offset = expect.stringContaining("must end with Z or an offset");
  const leapSecond = expect.stringContaining("second 60");

  test.each([
    ["", shape],
    ["yesterday", shape],
    ["2026-03-01", shape],
    ["20260301T120000Z", shape],
    ["2026-3-1T12:00:00Z", shape],
    ["2026-13-01T12:00:00Z", shape],
    ["2026-00-01T12:00:00Z", shape],
    ["2026-03-00T12:00:00Z", shape],
    ["2026-03-32T12:00:00Z", shape],
    ["2026-03-01T24:00:00Z", shape],
    ["2026-03-01T12:60:00Z", shape],
    ["2026-03-01T12:00:61Z", shape],
    ["2026-03-01T12:00:00.Z", shape],
    ["2026-03-01T12:00:00,5Z", shape],
    ["2026-03-01T12:00:00+02", shape],
    ["2026-03-01T12:00:00+0200", shape],
    ["2026-03-01T12:00:00+24:00", shape],
    ["2026-03-01T12:00:00Z ", shape],
    [" 2026-03-01T12:00:00Z", shape],
    ["2026-03-01T12:00:00Z\n", shape],
    ["+002026-03-01T12:00:00Z", shape],
    ["2026-03-01T12:00:00\u212a", shape],
    ["٢٠٢٦-03-01T12:00:00Z", shape],
    ["2026-03-01 12:00:00Z", expect.stringContaining("must have a T between date and time")],
    ["2026-03-01T12:00:00", offset],
    ["2026-03-01T12:00:00.5", offset],
    ["2026-02-29T12:00:00Z", day],
    ["2026-02-30T12:00:00Z", day],
    ["2026-04-31T12:00:00Z", day],
    ["1900-02-29T12:00:00Z", day],
    ["2026-03-01T12:00:60Z", leapSecond],
    ["2026-06-29T23:59:60Z", leapSecond],
    ["2026-06-30T23:59:60-01:00", leapSecond],
  ])("%j", (text, fault) => {
    expect(parseTime(text)).toEqual({ fault });
  });
});
