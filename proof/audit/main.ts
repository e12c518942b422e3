import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { parseDuration } from "../../domain/duration.ts";
import { progress } from "../edition/progress.ts";
import { type Invariant, invariants } from "../invariants/promises.ts";
import {
  exitCodes,
  numberAboveZero,
  optionsOrExit,
  someText,
  type Values,
  wholeNumber,
} from "../options.ts";
import { readUnitsFor, sizeOf } from "./stored.ts";
import { auditTable, type TableAudit } from "./table-audit.ts";

/** `npm run audit -- --table <name>`: judges every message of a real table, and only reads. */
const usage = `Judges every message of a real table, and only reads. It shows ids, states and times; no header,
body or secret.

  npm run audit -- --table <name> [options]

  --region <region>       where it is, if AWS_REGION or the profile does not say so
  --endpoint <url>        of an engine that is not AWS
  --units <n>             read units a second, at most (100)
  --limit <n>             items, after which it stops
  --stranded-after <t>    how late the dispatcher may look at a message (10m)

It takes dynamodb:DescribeTable, Scan and Query on the table, by whatever credentials the SDK finds,
and says before it begins what it costs. It can be stopped at any time.

Exit codes: 0 nothing is broken; 1 a promise is; 2 it could not look; 3 --limit left some out.
`;

const options = {
  table: someText("the name of a table"),
  region: {
    takes: "a region such as us-east-1",
    read: (text: string) => (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? text : undefined),
  },
  endpoint: {
    takes: "a URL such as http://127.0.0.1:8000",
    read: (text: string) => (/^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
  },
  units: numberAboveZero(1_000_000),
  limit: wholeNumber(1, 1e11),
  "stranded-after": { takes: "a time such as 10m", read: parseDuration },
} as const;

const contradictions = (asked: Values<typeof options>): readonly string[] => [
  ...("table" in asked ? [] : ["Which table? --table names it"]),
  ...("endpoint" in asked && "region" in asked
    ? ["--endpoint and --region: either of them; an engine that is not AWS has no region"]
    : []),
];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** On demand, in us-east-1; they change. */
const dollarsPerMillionReadUnits = 0.125;

const moneyFor = (readUnits: number): string => {
  const dollars = (readUnits / 1e6) * dollarsPerMillionReadUnits;
  return dollars < 0.01 ? "less than a cent" : `$${dollars.toFixed(2)}`;
};

/** What it takes to read a table of this size, said before it is read. */
const announce = (table: string, size: { items: number; bytes: number }, pace: string): void => {
  const readUnits = readUnitsFor(size.bytes);
  if (size.bytes === 0) {
    print(
      `DynamoDB has not counted ${table} yet, so what it costs to read it is not known: page by page, ${pace}. Ctrl-C stops it.`,
    );
    return;
  }
  print(
    `${table} has about ${size.items} items; to read them takes about ${readUnits} read units, ${pace}.`,
  );
  print(
    `On AWS about ${readUnits} read units, at $${dollarsPerMillionReadUnits} a million (on demand, us-east-1): ${moneyFor(readUnits)}.`,
  );
};

const percentOf = (part: number, whole: number): string =>
  whole > 0 ? ` (${Math.min(100, Math.round((part / whole) * 100))} %)` : "";

const render = ({ messages, byStatus, broken, examples, ...read }: TableAudit): void => {
  const states = Object.entries(byStatus).map(([status, count]) => `${count} ${status}`);
  print(
    `${read.items} items read for ${read.readUnits} read units${read.isPartial ? "; there are more" : ""}`,
  );
  print(`${messages} messages: ${states.join(", ") || "none"}`);
  for (const [name, count] of Object.entries(broken)) {
    const invariant = name as Invariant;
    print(`\n${count} of them break "${invariant}": ${invariants[invariant]}`);
    for (const { message, what } of examples.filter((each) => each.invariant === invariant))
      print(`  ${message}: ${what}`);
  }
  const where = read.isPartial ? " in what was read" : "";
  print(Object.keys(broken).length === 0 ? `\nNothing is broken${where}.` : "");
};

const asked = optionsOrExit(usage, options, contradictions);
const { table = "", region, endpoint, units = 100, limit = Number.POSITIVE_INFINITY } = asked;
const { "stranded-after": strandedAfterMs = 600_000 } = asked;
const client = endpoint
  ? dynamoDbClient({ endpoint, requestTimeoutMs: 10_000 })
  : new DynamoDBClient({
      ...{ region, maxAttempts: 3 },
      requestHandler: {
        ...{ connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
      },
    });
const storage = { client, table };
const { note, end } = progress();
try {
  const size = await sizeOf(storage);
  announce(table, size, `${units} read units a second at most`);
  const audit = await auditTable(storage, {
    ...{ clock: systemClock, unitsPerSecond: units, itemsMax: limit, strandedAfterMs },
    note: (items, readUnits) =>
      note(`${items} items${percentOf(items, size.items)}, ${readUnits} read units`),
  });
  end();
  print("");
  render(audit);
  const isBroken = Object.keys(audit.broken).length > 0;
  process.exitCode = isBroken ? exitCodes.broken : audit.isPartial ? exitCodes.notAll : 0;
} catch (error) {
  end();
  const { name, message } = error as Error;
  process.stderr.write(`The table could not be read. ${name}: ${message}\n`);
  process.exitCode = exitCodes.notRun;
} finally {
  client.destroy();
}
