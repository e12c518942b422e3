import { html } from "hono/html";
import { idInPath } from "../../domain/ids.ts";
import type { Html } from "../html.ts";

/** Returns a text as one word of a shell. */
export const quoted = (text: string): string =>
  /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const copied = (
  id: string,
  label: string,
  command: string,
): Html => html`<p class="command-name">${label}
<button type="button" class="quiet copy" data-copy="#${id}" hidden>Copy</button></p>
<pre id="${id}" tabindex="0">${command}</pre>`;

export type Elsewhere = {
  readonly origin: string;
  readonly messageId: string;
  /** Below the message, such as `/why`; and what the command calls it. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "DELETE";
  readonly verb: string;
};

/** Returns how to do the same by curl and by the command. The key is not in either. */
export const elsewhere = ({ origin, messageId, path, method, verb }: Elsewhere): Html => {
  const how = method === undefined || method === "GET" ? "" : `-X ${method} `;
  const url = `${origin}/v1/messages/${idInPath(messageId)}${path}`;
  const curl = `curl -s ${how}${quoted(url)} -H "authorization: Bearer $POSTRIDER_KEY"`;
  return html`${copied("curl", "The same with curl", curl)}
${copied("command", "The same with the command", `postrider ${verb} ${quoted(messageId)}`)}`;
};
