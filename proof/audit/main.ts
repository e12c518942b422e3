import { parseArgs } from "node:util";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { parseDuration } from "../../domain/duration.ts";
import { progress } from "../edition/progress.ts";
import { type Invariant, invariants } from "../invariants/promises.ts";
import { readUnitsFor, sizeOf } from "./stored.ts";
import { auditTable, type TableAudit } from "./table-audit.ts";

/**
 * `npm run audit -- --table <name>`: judges every message of a real table, and only reads. It takes
 * `dynamodb:DescribeTable`, `Scan` and `Query` on the table, by whatever credentials the SDK finds.
 * Exit code 1 if a promise is broken, 2 if it could not look. It shows ids, states and times; no
 * header, body or secret.
 */
const usage = `npm run audit -- --table <name>
  --endpoint <url>        of an engine that is not AWS
  --units <n>             read units a second, at most (100)
  --limit <n>             items, after which it stops
  --stranded-after <t>    how late the dispatcher may look at a message (10m)`;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const refuse = (why: string): never => {
  process.stderr.write(`${why}\n\n${usage}\n`);
  process.exit(2);
};

const optionsOrExit = () => {
  try {
    const { values } = parseArgs({
      options: {
        table: { type: "string" },
        endpoint: { type: "string" },
        units: { type: "string", default: "100" },
        limit: { type: "string", default: "Infinity" },
        "stranded-after": { type: "string", default: "10m" },
      },
    });
    const { table, endpoint } = values;
    const [units, limit] = [Number(values.units), Number(values.limit)];
    const strandedAfterMs = parseDuration(values["stranded-after"]);
    if (!table) return refuse("Which table? --table names it.");
    if (!(units > 0 && limit > 0)) return refuse("--units and --limit are numbers above nought.");
    if (strandedAfterMs === undefined) return refuse("--stranded-after is a time such as 10m.");
    return { table, endpoint, units, limit, strandedAfterMs };
  } catch (error) {
    return refuse((error as Error).message);
  }
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
  print(Object.keys(broken).length === 0 ? "\nNothing is broken." : "");
};

const { table, endpoint, units, limit, strandedAfterMs } = optionsOrExit();
const client = dynamoDbClient(endpoint ? { endpoint, requestTimeoutMs: 10_000 } : undefined);
const storage = { client, table };
const { note, end } = progress();
try {
  const size = await sizeOf(storage);
  const estimate = readUnitsFor(size.bytes);
  const pace = `${units} read units a second at most`;
  print(
    size.bytes > 0
      ? `${table} has about ${size.items} items; to read them takes about ${estimate} read units, ${pace}.`
      : `${table} has not been counted yet, so what it takes to read it is not known; ${pace}.`,
  );
  const audit = await auditTable(storage, {
    ...{ clock: systemClock, unitsPerSecond: units, itemsMax: limit, strandedAfterMs },
    note: (items, readUnits) =>
      note(`${items} items${percentOf(items, size.items)}, ${readUnits} read units`),
  });
  end();
  print("");
  render(audit);
  process.exitCode = Object.keys(audit.broken).length === 0 ? 0 : 1;
} catch (error) {
  end();
  const { name, message } = error as Error;
  process.stderr.write(`The table could not be read. ${name}: ${message}\n`);
  process.exitCode = 2;
} finally {
  client.destroy();
}
