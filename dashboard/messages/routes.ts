import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Message, MessagePage } from "../../client/answers.ts";
import { idInPath } from "../../domain/ids.ts";
import type { Answered } from "../ask.ts";
import type { DashboardEnv } from "../env.ts";
import { fragment } from "../fragment.ts";
import { page } from "../layout.ts";
import { apiQueryOf, type Filter, filterIn } from "./filter.ts";
import { filterForm, quickLists } from "./filter-form.ts";
import { listFragment } from "./list-page.ts";
import { messagePath } from "./rows.ts";

/** How often a list is refreshed. */
const refreshSeconds = 5;

/** An id leads to its message. An unknown one gets a page that says so. */
const byId = async (context: Context<DashboardEnv>, id: string) => {
  const found = await context.var.as("sender").get<Message>(`/v1/messages/${idInPath(id)}`);
  if (found.kind === "answer") return context.redirect(messagePath(id), 303);
  const main = html`<h1>Messages</h1>${filterForm({ id })}<div class="empty" role="alert">
<h2>There is no message with this id</h2>
<p>It may belong to another sender, or have expired. Give the whole id.</p></div>`;
  return page(context, { title: "Messages", section: "Messages", main, status: 404 });
};

const readList = (context: Context<DashboardEnv>, filter: Filter) =>
  context.var.as("sender").get<MessagePage>(`/v1/messages${apiQueryOf(filter)}`);

/** Tells whether the list was refused because no index of all messages is kept. */
const isWithoutIndex = (filter: Filter, answer: Answered<MessagePage>): boolean =>
  answer.kind === "refused" &&
  filter.status === undefined &&
  (answer.problem.issues ?? []).some(({ path: [member] }) => member === "status");

const list = async (context: Context<DashboardEnv>, asked: Filter) => {
  const { now, session } = context.var;
  const first = await readList(context, asked);
  const isSparse = isWithoutIndex(asked, first);
  const filter: Filter = isSparse ? { ...asked, status: "unfinished" } : asked;
  const answer = isSparse ? await readList(context, filter) : first;
  const senderId = session.sender?.senderId ?? "";
  const { origin } = new URL(context.req.url);
  const main = html`<h1>Messages</h1>${quickLists(filter)}${filterForm(filter)}
${isSparse ? html`<p class="hint">This deployment keeps no index of all messages: it lists those that are unfinished, and those that FAILED.</p>` : ""}
${fragment("list", listFragment({ filter, answer, senderId, origin, now }))}`;
  return page(context, { title: "Messages", section: "Messages", main, refreshSeconds });
};

/** Returns the routes under `/dashboard/messages`. */
export const messages = (): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/", (context) => {
    const filter = filterIn(context.req.query());
    return filter.id === undefined ? list(context, filter) : byId(context, filter.id);
  });
  return app;
};
