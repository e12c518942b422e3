import { isClean, renderAudit, renderDamage } from "../run-audit/render-run.ts";
import type { LoadRun } from "./load-run.ts";
import { renderFigures } from "./render-figures.ts";
import type { Report } from "./report.ts";

/** Returns what a run under load came to, which took so long. */
export const loadReport = (run: LoadRun, tookMs: number): Report => {
  const { audit, damage, faults, figures, refusals } = run;
  const refused = [...refusals].map(([status, count]) => `${status || "no answer"}: ${count}`);
  return {
    lines: [
      ...renderFigures(figures, tookMs),
      `told besides promises: ${refused.join(", ") || "nothing"}`,
      "",
      ...renderAudit(audit),
      ...renderDamage(damage),
      ...faults.map((fault) => `  ! ${fault}`),
    ],
    isKept: isClean(audit) && damage.length === 0 && faults.length === 0,
    notProved: audit.facts.acknowledged > 0 ? undefined : "nothing was acknowledged",
    figures: { figures, facts: audit.facts, counts: audit.counts, faults },
  };
};
