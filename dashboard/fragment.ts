import { html } from "hono/html";
import type { Html } from "./html.ts";

/** Marks a part of a page that the page's script refreshes. The name is unique on the page. */
export const fragment = (name: string, content: Html): Html =>
  html`<div data-fragment="${name}">${content}</div>`;
