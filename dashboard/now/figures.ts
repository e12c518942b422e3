import { html } from "hono/html";
import { spanInWords } from "../../domain/duration.ts";
import type { Html } from "../html.ts";
import { listPath } from "../messages/filter.ts";
import { countText, measured } from "../numbers.ts";
import { counted, number } from "../shown.ts";
import { type Durations, durationsOf } from "./delivered.ts";
import type { NowAnswers } from "./read.ts";
import type { SituationNow } from "./situation.ts";

const figure = (name: string, value: Html | string, hint: Html | string): Html =>
  html`<div><dt>${name}</dt><dd>${value}<span class="hint">${hint}</span></dd></div>`;

const linked = (text: string, href: string | undefined): Html =>
  href === undefined ? html`${text}` : html`<a href="${href}">${text}</a>`;

const notCounted = "not counted on this deployment";

const percentiles = (
  name: string,
  of: Durations | undefined,
  { href, ifNone }: { readonly href?: string | undefined; readonly ifNone: string },
): Html =>
  of?.p50Ms === undefined || of.p95Ms === undefined
    ? figure(name, "–", ifNone)
    : figure(name, linked(measured(of.p50Ms), href), `median; 95 % within ${measured(of.p95Ms)}`);

/**
 * Returns how long things took: counted; else of the latest deliveries, where there is a list of
 * them.
 */
const durations = ({ outcomes, delivered, isListed, from }: NowAnswers): Html => {
  const list = (status?: string): string | undefined =>
    isListed ? listPath({ ...(status && { status }), from }) : undefined;
  const none = { ifNone: outcomes ? "none in this time" : notCounted };
  const sample = outcomes ? undefined : delivered?.items;
  const delivery = sample
    ? percentiles(
        `Submit to delivery, of the latest ${counted(sample.length, "message")}`,
        durationsOf(sample),
        {
          ...{ href: listPath({ status: "COMPLETED" }), ifNone: "none yet" },
        },
      )
    : percentiles("Submit to delivery, about", outcomes?.delivery, {
        ...{ ...none, href: list("COMPLETED") },
      });
  return html`${percentiles("Submits accepted, about", outcomes?.accept, { ...none, href: list() })}
${delivery}
${percentiles("Targets' answers, about", outcomes?.exchange, { ...none, href: "#targets" })}`;
};

const unfinished = listPath({ status: "unfinished" });

/** Returns the numbers of the page. Each leads to the list of what it is about, where there is one. */
export const numbers = (situation: SituationNow, answers: NowAnswers): Html => {
  const { waiting, inAttempt, oldestDueAt, now } = situation;
  const due = oldestDueAt === undefined ? undefined : now - oldestDueAt;
  const inAttemptNow = html`<a href="${answers.isListed ? listPath({ status: "PROCESSING" }) : unfinished}">${number(inAttempt)} in an attempt now</a>`;
  return html`<dl class="numbers">
${figure("Waiting", linked(countText(waiting), unfinished), inAttempt > 0 ? inAttemptNow : "neither delivered nor given up")}
${figure("Oldest due", due === undefined ? "none" : linked(spanInWords(due), unfinished), due === undefined ? "no attempt is late" : "since its attempt could begin")}
${figure("Undelivered", linked(countText(answers.failed), "/dashboard/undelivered"), "messages that FAILED")}
${durations(answers)}
</dl>`;
};
