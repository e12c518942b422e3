import { describe, expect, test } from "@jest/globals";
import { printable, printableLine } from "../../domain/printable.ts";

const unprintable = [
  ...[..."\u0000\u0007\b\t\n\r\u001b\u001f\u007f\u0080\u0085\u009b\u009f"],
  ...[..."\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"],
  ...["\u00ad", "\u200b", "\u2060", "\ufeff", "\ue000", "\u{e0001}", "\ud800"],
];

describe("What is printed", () => {
  test.each(unprintable)("shows %j as an escape", (char) => {
    expect(printableLine(`a${char}b`)).toMatch(/^a(\\u[0-9a-f]{4}){1,2}b$/);
    expect(JSON.parse(`"${printableLine(char)}"`)).toBe(char);
  });

  test("shows all else as it is", () => {
    const text = "Zoë → 𝒳 … “key” \\u009b \u00a0\u200d ~";

    expect(printableLine(text)).toBe(text);
  });

  test("keeps its lines, where it may have several", () => {
    expect(printable("a\n\u009b2Jb\n")).toBe("a\n\\u009b2Jb\n");
  });
});
