import type { Attempt } from "./attempt.ts";
import { attemptRules } from "./audit-attempts.ts";
import { contentRules } from "./audit-content.ts";
import { isAsGiven } from "./audit-fingerprint.ts";
import type {
  Audited,
  AuditFacts,
  AuditFinding,
  ReadHistory,
  Rule,
  StoredHistory,
} from "./audit-rule.ts";
import { scheduleRules } from "./audit-schedule.ts";
import { readableMessage, shapeRules } from "./audit-shape.ts";
import type { Message, Status } from "./message.ts";

const messageRules = [...scheduleRules, ...attemptRules, ...contentRules] as const;

/** All rules of the audit, in the order in which they are reported. */
export const auditRules = [...shapeRules, ...messageRules] as const;
export type RuleId = (typeof auditRules)[number]["id"];

/**
 * The result for one message. `isUnchecked`: its content could not be compared with its
 * fingerprint.
 */
export type Judgement = {
  readonly findings: readonly AuditFinding[];
  readonly status?: Status;
  readonly isUnchecked: boolean;
};

type Broken = readonly [rule: string, evidence: string];

const broken = <Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  before: readonly Broken[] = [],
): readonly Broken[] => {
  const found = [...before];
  for (const { id, unless = [], evidence } of rules) {
    const shown = found.some(([rule]) => unless.includes(rule)) ? undefined : evidence(subject);
    if (shown !== undefined) found.push([id, shown]);
  }
  return found;
};

const contentOf = (
  message: Message,
  stored: Pick<Message, "headers" | "body"> | undefined,
  facts: AuditFacts,
): Audited["content"] => {
  if (!stored) return "missing";
  const content = facts.contentOf(message, stored);
  if (content.kind !== "read") return content.kind === "sealed" ? "unchecked" : "unreadable";
  const { headers, body, mac } = content;
  const isSame = isAsGiven({ ...message, headers, body }, mac);
  if (isSame === undefined) return "unchecked";
  return isSame ? "as-given" : "changed";
};

const auditedOf = (
  { attempts, payloads }: StoredHistory,
  message: Audited["message"],
  facts: AuditFacts,
): Audited => {
  const payload = message.payload ? payloads[0]?.fields : undefined;
  const kept = message.payload ? payload : message;
  return {
    ...{ message, payload, facts },
    attempts: attempts
      .map(({ fields }) => fields as Partial<Attempt>)
      .filter(({ submitId }) => submitId === message.submitId),
    content: contentOf({ ...message, ttl: message.ttl ?? 0 }, kept, facts),
  };
};

/**
 * Judges the items of one idempotency key. Pure: the time and the decryption are facts. Each damage
 * is one finding: where one rule explains another, only the first is reported.
 */
export const judgeStored = (stored: StoredHistory, facts: AuditFacts): Judgement => {
  const named = (found: readonly Broken[]) =>
    found.map(([rule, evidence]) => ({ ...stored.key, rule, evidence }));
  const ofShape = broken<ReadHistory>(shapeRules, { ...stored, now: facts.now });
  const message = readableMessage(stored);
  if (!message) return { findings: named(ofShape), isUnchecked: false };
  const audited = auditedOf(stored, message, facts);
  return {
    findings: named(broken<Audited>(messageRules, audited, ofShape)),
    status: message.status,
    isUnchecked: audited.content === "unchecked",
  };
};
