import type { Context } from "hono";
import { html, raw } from "hono/html";
import { printableLine } from "../domain/printable.ts";
import { script, style } from "./assets.ts";
import type { DashboardEnv } from "./env.ts";
import type { Flash } from "./flash.ts";
import { tokenOf } from "./form.ts";
import type { Html } from "./html.ts";
import { logo } from "./logo.ts";
import { lookBanner } from "./look-banner.ts";
import type { Session } from "./session.ts";
import { base } from "./session-cookie.ts";

/** The sections of the dashboard, in the order of the navigation. */
const sections = [
  { name: "Now", path: base },
  { name: "Messages", path: `${base}/messages` },
  { name: "Undelivered", path: `${base}/undelivered` },
  { name: "Jobs", path: `${base}/jobs` },
  { name: "Senders", path: `${base}/senders` },
] as const;
export type Section = (typeof sections)[number]["name"];

export type Page = {
  readonly title: string;
  /** The section that the page belongs to, if it does to one. */
  readonly section?: Section;
  readonly main: Html;
  /** How often the page's script refreshes its fragments; never if it is absent. */
  readonly refreshSeconds?: number;
  readonly status?: 200 | 400 | 403 | 404 | 413 | 500 | 503;
};

const navigation = (current: Section | undefined): Html => html`<nav aria-label="Sections">
<ul>${sections.map(
  ({ name, path }) =>
    html`<li><a class="section" href="${path}"${name === current ? raw(' aria-current="page"') : ""}>${name}</a></li>`,
)}</ul></nav>`;

const whoIs = ({ sender, operator }: Session): string =>
  [sender?.senderId, operator && "operator"].filter(Boolean).join(" and ");

const account = (session: Session): Html => html`<div class="account">
<a class="who" href="${base}/sign-in" title="Use another key">${whoIs(session)}</a>
<form method="post" action="${base}/sign-out">${tokenOf(session)}<button class="quiet">Sign out</button></form>
</div>`;

const secretField = ({ name, value }: { name: string; value: string }, index: number): Html =>
  html`<label for="secret-${index}">${name}</label>
<p class="secret"><input id="secret-${index}" class="code" readonly value="${value}" autocomplete="off" data-select>
<button type="button" class="copy" data-copy="#secret-${index}" hidden>Copy</button></p>`;

const flashed = ({
  tone,
  text,
  secrets = [],
}: Flash): Html => html`<div class="flash ${tone}" role="${tone === "done" ? "status" : "alert"}">
<p>${printableLine(text)}</p>
${secrets.map(secretField)}
${secrets.length > 0 ? html`<p class="hint">This is shown once, and never again. Store it where your secrets are.</p>` : ""}</div>`;

const head = (title: string): Html => html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Postrider</title>
<link rel="icon" href="${logo.icon}">
<link rel="stylesheet" href="${base}${style.path}">
<script src="${base}${script.path}" defer></script>
</head>`;

/** Returns a page of the dashboard as an answer: with navigation, if somebody is signed in. */
export const page = (context: Context<DashboardEnv>, given: Page): Response | Promise<Response> => {
  const { title, section, main, refreshSeconds, status = 200 } = given;
  const { session } = context.var;
  const flash = context.var.flash?.();
  return context.html(
    html`<!doctype html>
<html lang="en">
${head(title)}
<body${refreshSeconds === undefined ? "" : raw(` data-refresh="${refreshSeconds}"`)}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="${base}">${logo.mark}<span>Postrider</span></a>
${session ? html`${navigation(section)}${account(session)}` : ""}
</header>
${session ? lookBanner(session) : ""}
<main id="main" tabindex="-1">
${flash ? flashed(flash) : ""}
${main}
</main>
<p class="ended" role="alert" hidden data-ended>Your session has ended. <a href="">Sign in again</a></p>
</body>
</html>
`,
    status,
  );
};
