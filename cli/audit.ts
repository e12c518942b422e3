/** `npm run audit`: judges every message of a table by what is stored, and only reads. */
import { once } from "node:events";
import * as z from "zod";
import { systemSleep } from "../adapters/clock.ts";
import { print, printError } from "../adapters/terminal.ts";
import type { AuditFinding } from "../domain/audit-rule.ts";
import { parseDuration } from "../domain/duration.ts";
import { storedItems } from "../entities/stored.ts";
import {
  answerText,
  costLine,
  findingJson,
  keepExamples,
  progressLine,
  summaryJson,
} from "../handlers/audit/answer.ts";
import { type AuditCounts, auditTable } from "../handlers/audit/audit-table.ts";
import { contentWith } from "../handlers/audit/content.ts";
import { flag, regionOption, required, tableOption } from "./arguments.ts";
import { auditAccepted, auditHelp } from "./audit-help.ts";
import { type Answer, type Command, execute } from "./command.ts";
import type { Outside } from "./outside.ts";
import { progress } from "./progress.ts";
import { Refused } from "./refused.ts";
import { countOption } from "./time-option.ts";

const help = auditHelp(
  "npm run audit -- --table <name> [--secret <ARN>]",
  `Exit codes: 0 nothing is wrong; 1 something is; 2 wrong options, or the table could not be read;
3 --limit left some out, and nothing is wrong in what was read.`,
);

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined) context.addIssue("must be a time such as 10m");
  return ms ?? z.NEVER;
});

const schema = z.object({
  table: tableOption,
  secret: required("arn:aws:secretsmanager:…").optional(),
  shards: countOption(1, 256).default(8),
  grace: duration.default(60_000),
  late: duration.default(600_000),
  units: countOption(1, 1_000_000).default(100),
  segments: countOption(1, 100).default(4),
  limit: countOption(1, 1e11).default(Number.POSITIVE_INFINITY),
  json: flag,
  region: regionOption,
});
type Ask = z.infer<typeof schema>;

/** By how much clocks of different machines may differ, this one among them. */
const clockMarginMs = 60_000;
/** A page has at most 1 MiB, and what an item takes is small beside that. */
const pageItems = 1000;

const exitCodeFor = ({ findings, isPartial }: AuditCounts): Answer["exitCode"] => {
  if (findings > 0) return 1;
  return isPartial ? 3 : 0;
};

const run = async (asked: Ask, { storage, openVault, ask, clock }: Outside): Promise<Answer> => {
  const { table, secret, shards, grace: graceMs, late: lateMs, json: isJson } = asked;
  const vault = secret === undefined ? undefined : await openVault();
  const stored = storedItems(storage);
  const size = await ask(stored.size);
  printError(`${costLine(table, size, asked.units)}\n`);

  const { note, end } = progress(clock);
  const { keep, examples } = keepExamples();
  let last: AuditCounts | undefined;
  const onFinding = async (finding: AuditFinding): Promise<void> => {
    // Whoever reads slowly is waited for: there may be as many findings as messages.
    if (isJson && !print(findingJson(finding))) await once(process.stdout, "drain");
    keep(finding);
  };
  const onPage = (counts: AuditCounts): void => {
    last = counts;
    note(progressLine(counts, size.items));
  };
  const answer = (counts: AuditCounts, endedBy?: string): string =>
    isJson ? summaryJson(counts, endedBy) : answerText(counts, examples, endedBy);

  try {
    const counts = await ask(() =>
      auditTable(
        { stored, clock, sleep: systemSleep },
        {
          ...{ shards, graceMs, lateMs, clockMarginMs, contentOf: contentWith(vault) },
          ...{ segments: asked.segments, unitsPerSecond: asked.units, itemsMax: asked.limit },
          ...{ pageItems, onFinding, onPage },
        },
      ),
    );
    end();
    return { text: answer(counts), exitCode: exitCodeFor(counts) };
  } catch (error) {
    end();
    // Hours of work: what was found until then is not thrown away.
    if (!(error instanceof Refused) || !last) throw error;
    return { text: answer(last, error.message), exitCode: 2 };
  }
};

export const audit: Command<Ask, Answer> = {
  name: "audit",
  help,
  accepted: auditAccepted,
  schema: () => schema,
  answersWithSecrets: false,
  notDone: 2,
  run,
};

if (import.meta.main) await execute(audit);
