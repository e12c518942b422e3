import { html } from "hono/html";
import type { Html } from "./html.ts";

/** Marks a part of a page that the page's script refreshes. The name is unique on the page. */
export const fragment = (name: string, content: Html): Html =>
  html`<div data-fragment="${name}">${content}</div>`;

/**
 * Returns a sentence that a screen reader speaks when a refresh has changed it, and that nobody
 * sees. It has no time in it, which would be spoken each time.
 */
export const spoken = (sentence: string): Html =>
  html`<p class="unseen" data-fragment="spoken" aria-live="polite">${sentence}</p>`;
