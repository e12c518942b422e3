import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { DashboardEnv } from "../env.ts";
import { fragment, spoken } from "../fragment.ts";
import { page } from "../layout.ts";
import { isRefresh } from "../refresh.ts";
import { numbers } from "./figures.ts";
import { beginOf, outcomesOverTime, type Period, periods } from "./outcomes.ts";
import { nowReader } from "./read.ts";
import { spokenSituation } from "./sentence.ts";
import { situationOf } from "./situation.ts";
import { targetsOf } from "./targets.ts";
import { sentence, worstTargets } from "./view.ts";

const refreshSeconds = 5;

const periodIn = (context: Context<DashboardEnv>): Period => {
  const asked = Number(context.req.query("hours"));
  return periods.find(({ hours }) => hours === asked) ?? periods[2];
};

/** Returns the route of `/dashboard` itself: how things are now. */
export const now = (): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  const readNow = nowReader();
  app.get("/", async (context) => {
    const { now: at, session } = context.var;
    // An operator has no messages: what it manages is elsewhere.
    if (!session.sender) return context.redirect("/dashboard/senders", 303);
    const ask = context.var.as("sender");
    const apiKey = session.sender.apiKey;
    const viewer = { apiKey, now: at, isRefresh: isRefresh(context) };
    const period = periodIn(context);
    const from = new Date(beginOf(period, at)).toISOString();
    const answers = await readNow(ask, from, viewer);
    const targets = targetsOf(answers.next.items, answers.failures.groups, at);
    const situation = situationOf(answers, targets, at);
    const main = html`<h1 class="unseen">Now</h1>${spoken(spokenSituation(situation))}
${fragment("now", html`${sentence(situation)}${numbers(situation, answers)}`)}
${fragment("outcomes", outcomesOverTime(answers, period))}
${fragment("targets", worstTargets(targets, at))}`;
    return page(context, { title: "Now", section: "Now", main, refreshSeconds });
  });
  return app;
};
