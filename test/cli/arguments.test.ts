import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { flag, readArguments, senderOption, tableOption } from "../../cli/arguments.ts";

const accepted = { options: ["table", "sender"], flags: ["print"] };
const schema = z.object({ table: tableOption, sender: senderOption.optional(), print: flag });
const read = (...args: readonly string[]) => readArguments(args, accepted, schema);

describe("A command line", () => {
  test.each([
    [["--table", "orders"], { table: "orders" }],
    [["--table=orders"], { table: "orders" }],
    [["--print", "--table", "orders"], { table: "orders", print: true }],
    [["--table=orders", "--sender=--x"], { table: "orders", sender: "--x" }],
    [["--table", "orders", "--sender", "-x"], { table: "orders", sender: "-x" }],
  ])("is read: %j", (args, ask) => {
    expect(read(...args)).toEqual({ kind: "ask", ask });
  });

  test.each(["--help", "-h"])("asks for help by %s, whatever else is wrong", (word) => {
    expect(read("--tabel", word)).toEqual({ kind: "help" });
  });

  test.each([
    [["orders", "--table", "orders"], "orders: does not belong to an option"],
    [["--tabel", "orders", "--table=orders"], "--tabel: is not an option"],
    [["--", "--table", "orders"], "--: does not belong to an option"],
    [["--table", "--print"], "--table: needs a value"],
    [["--table"], "--table: needs a value"],
    [["--table="], "--table: must not be empty"],
    [
      ["--table", "arn:aws:dynamodb:…:table/orders"],
      "--table: must be the name of a table, not its",
    ],
    [["--table", "t"], "--table: must be the name of a table: 3 to 255 of A-Z a-z 0-9 _ . -"],
    [["--table", "a:b:c"], "--table: must be the name of a table: 3 to 255 of"],
    [["--table", "orders", "--table", "others"], "--table: is given twice"],
    [["--table", "orders", "--print=yes"], "--print: takes no value"],
    [["--table", "orders", "--sender", "a#b"], "--sender: must be 1 to 128 of"],
    [["--table", "orders", "--sender", ".."], "--sender: must be 1 to 128 of"],
    [["--table", "orders", "--__proto__", "x"], "--__proto__: is not an option"],
  ])("has a fault: %j", (args, fault) => {
    expect(read(...args)).toEqual({ kind: "faults", faults: [expect.stringContaining(fault)] });
  });

  test("has all of its faults named at once", () => {
    expect(read("x", "--sender", "a#b", "--color")).toEqual({
      kind: "faults",
      faults: [
        "x: does not belong to an option",
        "--color: is not an option",
        "--table: is required, such as --table postrider-prod-Table…",
        "--sender: must be 1 to 128 of A-Z a-z 0-9 _ . : -",
      ],
    });
  });
});
