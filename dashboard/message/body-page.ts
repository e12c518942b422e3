import type { Context } from "hono";
import { html } from "hono/html";
import type { Message } from "../../client/answers.ts";
import type { DashboardEnv } from "../env.ts";
import type { Html } from "../html.ts";
import { page } from "../layout.ts";
import { messagePath } from "../messages/rows.ts";
import { PageProblem } from "../page-problem.ts";
import { counted, given, givenBlock, number } from "../shown.ts";
import { elsewhere } from "./elsewhere.ts";

/** So much of a body is on the page: the HTTP interface has all of it. */
const shownBytesMax = 16_384;

/** Returns the beginning of a body as text, or nothing if it is not text in UTF-8. */
const textIn = (body: Uint8Array): string | undefined => {
  try {
    // A character that the cut divides is left out.
    const stream = body.length > shownBytesMax;
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(body.subarray(0, shownBytesMax), { stream });
  } catch {
    return undefined;
  }
};

const shown = (body: Uint8Array): Html => {
  const text = textIn(body);
  if (text === undefined)
    return html`<p>It is not text. Save it with one of the commands below.</p>`;
  const isCut = body.length > shownBytesMax;
  return html`${givenBlock(text)}
${isCut ? html`<p class="hint">These are its first ${number(shownBytesMax)} bytes. The commands below have all of it.</p>` : ""}`;
};

const content = ({ redact = [] }: Message, body: Uint8Array): Html => {
  if (redact.includes("body"))
    return html`<p>Its sender redacted it. This tells whether it is the one that you expect:</p>
${shown(body)}`;
  if (body.length === 0) return html`<p>The message has no body, or an empty one.</p>`;
  return html`<p class="soft">${counted(body.length, "byte")}, as ${body.length === 1 ? "it is" : "they are"} delivered</p>
${shown(body)}`;
};

/** Shows the body of a message as text, whatever the message says that it is. */
export const bodyPage = async (context: Context<DashboardEnv>, apiPath: string) => {
  const ask = context.var.as("sender");
  const [message, body] = await Promise.all([
    ask.page<Message>(apiPath),
    ask.bytes(`${apiPath}/body`),
  ]);
  if (body.kind === "refused") throw new PageProblem(body.problem);
  const { messageId } = message;
  const { origin } = new URL(context.req.url);
  const main = html`<p class="crumbs"><a href="${messagePath(messageId)}">${given(messageId)}</a></p>
<h1>Body</h1>
<section class="card">${content(message, body.value)}</section>
<section class="card">${elsewhere({ origin, messageId, path: "/body", verb: "get --body" })}</section>`;
  return page(context, { title: `Body of ${messageId}`, section: "Messages", main });
};
