import type { AuditFinding } from "../../domain/audit-rule.ts";
import { type Fate, fates, type RunAudit } from "./run-audit.ts";

const words: Readonly<Record<Fate, string>> = {
  lost: "lost: acknowledged, and gone or never delivered",
  unexpected: "unexpected: delivered, and never handed over",
  altered: "altered: not what was handed over, or not what was signed",
  early: "early: before their time",
  otherTenant: "other tenant: not their sender's target, or not its signature",
  duplicateUnexplained: "duplicates without a fault that explains them",
  stranded: "stranded: not ended, and nobody looks after them",
  other: "other broken promises",
};
const examplesMax = 5;

/** The audit of a run as lines to be read, the broken promises with examples. */
export const renderAudit = ({ facts, counts, findings }: RunAudit): readonly string[] => [
  [
    `${facts.messages} messages, ${facts.acknowledged} acknowledged`,
    `${facts.completed} COMPLETED, ${facts.failed} FAILED, ${facts.waiting} still waiting`,
  ].join("; "),
  `${facts.requests} requests at the receiver; made again after one was accepted, because of`,
  `a kill: ${facts.duplicates.crash}, an answer not heard: ${facts.duplicates.lostAnswer}, not written down in time: ${facts.duplicates.frozen}`,
  "",
  ...fates.map((fate) => `${String(counts[fate]).padStart(6)}  ${words[fate]}`),
  ...fates
    .flatMap((fate) => findings.filter((finding) => finding.fate === fate).slice(0, examplesMax))
    .map(({ fate, invariant, message, what }) => `  ! ${fate}: ${message}: ${what} (${invariant})`),
];

/** What the product's own audit finds in the table, as lines to be read. */
export const renderDamage = (damage: readonly AuditFinding[]): readonly string[] => [
  `${String(damage.length).padStart(6)}  found in the table by the product's audit`,
  ...damage
    .slice(0, examplesMax)
    .map(
      ({ rule, senderId, messageId, evidence }) =>
        `  ! ${senderId}/${messageId}: ${evidence} (${rule})`,
    ),
];

export const isClean = ({ counts }: RunAudit): boolean =>
  Object.values(counts).every((count) => count === 0);
