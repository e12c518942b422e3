import { Hono } from "hono";
import { html } from "hono/html";
import type { Failures } from "../../client/answers.ts";
import { groupings } from "../../domain/failure-groups.ts";
import type { DashboardEnv } from "../env.ts";
import { fragment, spoken } from "../fragment.ts";
import { page } from "../layout.ts";
import { type Count, countText, wordFor } from "../numbers.ts";
import { groupingTabs, undelivered as undeliveredView } from "./view.ts";

/** Grouping reads up to a thousand messages: not as often as a list. */
const refreshSeconds = 30;

/** Returns the route of `/dashboard/undelivered`: what FAILED, by what it has in common. */
export const undelivered = (): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/", async (context) => {
    const asked = context.req.query("by");
    const by = groupings.find((each) => each === asked) ?? "reason";
    const { as, now } = context.var;
    const sender = as("sender");
    const [failures, count] = await Promise.all([
      sender.page<Failures>(`/v1/failures?by=${by}`),
      sender.page<Count>("/v1/counts?status=FAILED"),
    ]);
    const content = undeliveredView({ by, failures, count, now });
    const main = html`<h1>Undelivered</h1>${spoken(`${countText(count)} ${wordFor(count, "message")} FAILED.`)}${groupingTabs(by)}${fragment("groups", content)}`;
    return page(context, { title: "Undelivered", section: "Undelivered", main, refreshSeconds });
  });
  return app;
};
