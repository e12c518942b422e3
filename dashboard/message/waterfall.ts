import { html } from "hono/html";
import type { Attempt } from "../../client/answers.ts";
import type { Html } from "../html.ts";
import { number } from "../shown.ts";

/** The phases of an exchange with a target, in their order. */
const phases = [
  ["dns", "Look-up"],
  ["connect", "Connect"],
  ["tls", "TLS"],
  ["wait", "Wait"],
  ["read", "Read"],
] as const;
type Phase = (typeof phases)[number][0];

type Span = { readonly phase: Phase; readonly fromMs: number; readonly ms: number };

/**
 * Returns the phases of an attempt, one after the other. What is left of its time after the last one
 * that is known was spent in the next: a connection that was never made has no other time.
 */
export const spansOf = ({ timings = {}, durationMs = 0 }: Attempt): readonly Span[] => {
  const { dnsMs, connectMs, tlsMs, firstByteMs } = timings;
  const before = (dnsMs ?? 0) + (connectMs ?? 0) + (tlsMs ?? 0);
  const isAnswered = firstByteMs !== undefined;
  const waitMs = isAnswered ? firstByteMs - before : durationMs - before;
  const known: readonly (readonly [Phase, number | undefined])[] = [
    ...([
      ["dns", dnsMs] as const,
      ["connect", connectMs] as const,
      ["tls", tlsMs] as const,
    ] as const),
    ["wait", waitMs],
    ["read", isAnswered ? durationMs - firstByteMs : undefined],
  ];
  let fromMs = 0;
  return known.flatMap(([phase, given]) => {
    if (given === undefined) return [];
    const ms = Math.max(0, given);
    const span = { phase, fromMs, ms };
    fromMs += ms;
    return [span];
  });
};

/** One line of the drawing. Its scale is that of the longest attempt of the message. */
export const bar = (attempt: Attempt, longestMs: number): Html => {
  const share = (ms: number): string => `${((100 * ms) / Math.max(1, longestMs)).toFixed(2)}%`;
  const spans = spansOf(attempt);
  return html`<svg class="bar" height="14" width="100%" role="img" aria-label="${spans
    .map(({ phase, ms }) => `${phase} ${ms} ms`)
    .join(", ")}">
<rect class="back" x="0" y="0" width="100%" height="14" rx="2"/>
${spans.map(
  ({ phase, fromMs, ms }) =>
    html`<rect class="${phase}" x="${share(fromMs)}" y="0" width="${share(ms)}" height="14"/>`,
)}</svg>`;
};

/** Returns what the colours of the drawing mean. */
export const legend = (): Html =>
  html`<ul class="legend" aria-hidden="true">${phases.map(
    ([phase, name]) =>
      html`<li><svg width="10" height="10"><rect class="${phase}" width="10" height="10" rx="2"/></svg> ${name}</li>`,
  )}</ul>`;

const cell = (attempt: Attempt, phase: Phase): Html => {
  const span = spansOf(attempt).find((each) => each.phase === phase);
  return html`<td class="number">${span ? number(span.ms) : "–"}</td>`;
};

/** Returns the same as numbers. */
export const phaseTable = (attempts: readonly Attempt[]): Html => html`<div class="scroll"><table>
<caption>Milliseconds of each phase. A connection that was used before has no look-up, connect and TLS.</caption>
<thead><tr><th scope="col">Attempt</th>${phases.map(([, name]) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">Total</th></tr></thead>
<tbody>${attempts.map(
  (attempt) =>
    html`<tr><th scope="row">${attempt.number}</th>${phases.map(([phase]) =>
      cell(attempt, phase),
    )}<td class="number">${number(attempt.durationMs ?? 0)}</td></tr>`,
)}</tbody></table></div>`;
