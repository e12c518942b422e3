import { expect, test } from "@jest/globals";
import { tableFindings } from "../../../cli/doctor/table-findings.ts";
import { tableState } from "../../../entities/table-state.ts";
import { useTable } from "../../support/table.ts";
import { environmentFor, runFile, standIn } from "../aws.ts";

const table = useTable();

test("a table is well whose indexes are there; what may not be read is a note", async () => {
  const state = await tableState(table.storage);

  expect(state).toMatchObject({
    ...{ status: "ACTIVE", indexes: { bySender: "ACTIVE", due: "ACTIVE", failed: "ACTIVE" } },
  });
  // The engine of the tests may know nothing of expiry, as credentials may not.
  const findings = tableFindings("t", { status: state.status, indexes: state.indexes });
  expect(findings.map(({ level, about }) => [about, level])).toEqual([
    ...[
      ["table", "ok"],
      ["indexes", "ok"],
    ],
    ["time-to-live", "note"],
  ]);
});

test("an index that is missing is told by what it is for", () => {
  const findings = tableFindings("t", {
    ...{ status: "UPDATING", indexes: { failed: "CREATING" }, timeToLive: "DISABLED" },
  });

  expect(findings.map(({ level, what }) => `${level}: ${what}`)).toEqual([
    "ok: The table t is UPDATING.",
    "note: There is no index of all messages: only what FAILED or is unfinished can be listed.",
    "broken: The index due is missing: nothing is sent again after a fault.",
    "attention: The index failed is CREATING: until it is ACTIVE it lacks messages.",
    "attention: Expired items are not removed: DISABLED.",
  ]);
});

test("doctor --table looks at a table on AWS, and says what AWS refuses", async () => {
  const indexes = ["bySender", "due", "failed"].map((IndexName) => ({
    ...{ IndexName, IndexStatus: "ACTIVE" },
  }));
  const aws = await standIn((operation, { TableName }: { readonly TableName: string }) => {
    if (TableName !== "orders") return { __type: "ResourceNotFoundException" };
    return operation === "DescribeTable"
      ? { Table: { TableStatus: "ACTIVE", GlobalSecondaryIndexes: indexes } }
      : { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED" } };
  });
  const environment = {
    ...(await environmentFor(table, aws.url)),
    ...{ AWS_ENDPOINT_URL_DYNAMODB: aws.url, HOME: "/nonexistent" },
  };

  const good = await runFile("cli/bin.js", ["doctor", "--table", "orders"], environment);
  const gone = await runFile("cli/bin.js", ["doctor", "--table", "others"], environment);
  aws.close();

  expect(good).toEqual({
    ...{ code: 0, err: "" },
    out: "ok         The table orders is ACTIVE.\nok         Its indexes are there and ACTIVE.\nok         Expired items are removed.\n",
  });
  expect(gone.code).toBe(4);
  expect(gone.out).toMatch(/^broken {5}There is no table others in this account and region\./);
});
