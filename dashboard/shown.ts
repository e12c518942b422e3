import { html, raw } from "hono/html";
import { spanInWords } from "../domain/duration.ts";
import { printable, printableLine } from "../domain/printable.ts";
import type { Html } from "./html.ts";

/**
 * Returns a text of a sender or a target on one line. Characters that are not shown, or that change
 * the direction of the text after them, are shown by their numbers.
 */
export const given = (text: string): Html => html`<bdi class="given">${printableLine(text)}</bdi>`;

/** Returns a text of several lines in the same way. */
export const givenBlock = (text: string): Html =>
  html`<pre class="given" tabindex="0">${printable(text)}</pre>`;

const utc = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** Returns a moment: in UTC, of which the page's script makes the viewer's zone. */
export const moment = (iso: string | undefined): Html =>
  iso === undefined
    ? html`<span class="soft">not known</span>`
    : html`<time datetime="${iso}" title="${utc(iso)}">${utc(iso)}</time>`;

/** Returns a span by its largest unit: of what is past, the rest is of no interest. */
const roughly = (ms: number): string => spanInWords(ms).split(" ").slice(0, 2).join(" ");

/** Returns how far away a moment is: "5 min ago", "in 1 min 20 s", "now". */
export const distance = (iso: string, now: number): string => {
  const ms = Date.parse(iso) - now;
  if (Math.abs(ms) < 1000) return "now";
  return ms < 0 ? `${roughly(-ms)} ago` : `in ${spanInWords(ms)}`;
};

/** Returns the same as a part of a page, with the moment itself on hover. */
export const away = (iso: string | undefined, now: number): Html =>
  iso === undefined
    ? html`<span class="soft">not known</span>`
    : html`<time datetime="${iso}" title="${utc(iso)}" data-away>${distance(iso, now)}</time>`;

/** Returns a count with separators of thousands. */
export const number = (count: number): string => count.toLocaleString("en-US");

/** Returns a count with its noun. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** The sign of each state: a colour alone would not tell. A later version may know others. */
const signs: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  PENDING: ["◌", "wait"],
  QUEUED: ["◔", "wait"],
  PROCESSING: ["▶", "busy"],
  RUNNING: ["▶", "busy"],
  COMPLETED: ["✓", "good"],
  DONE: ["✓", "good"],
  delivered: ["✓", "good"],
  CANCELLED: ["⊘", "none"],
  FAILED: ["✕", "bad"],
  STOPPED: ["✕", "bad"],
  failed: ["✕", "bad"],
  PAUSED: ["Ⅱ", "warn"],
  "in-progress": ["▶", "busy"],
  unknown: ["?", "warn"],
};

/** Returns the state of a message, of an attempt or of a job, as a badge. */
export const badge = (status: string): Html => {
  const [sign, tone] = signs[status] ?? ["○", "none"];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${status}</span>`;
};

/** Returns an attribute that is there or not. */
export const when = (isThere: boolean, attribute: string): Html | string =>
  isThere ? raw(` ${attribute}`) : "";
