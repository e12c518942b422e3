import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { CookieOptions } from "hono/utils/cookie";
import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import { limits } from "../domain/limits.ts";
import { type AskDeps, askerOf } from "./ask.ts";
import type { DashboardEnv } from "./env.ts";
import { isRefresh } from "./refresh.ts";
import { openedSession, type Session, sealedSession } from "./session.ts";

export type SessionDeps = { readonly vault: Vault; readonly clock: Clock };

/** The address below which all pages are, and the cookies are sent. */
export const base = "/dashboard";

const name = "postrider_session";
/** The cookie is written again when the session was last used so long ago. */
const renewAfterMs = 60_000;

/** A browser keeps a `Secure` cookie of plain http on some loopback names only. */
const isLoopbackHttp = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
};

/**
 * Returns what every cookie of the dashboard has: no script reads it, and no other site has it
 * sent.
 */
export const cookieOptions = (context: Context): CookieOptions => ({
  ...{ path: base, httpOnly: true },
  sameSite: "Strict",
  secure: !isLoopbackHttp(context.req.url),
});

/** Sends the session to the browser, which keeps it until it is closed. */
export const keepSession = (context: Context, { vault }: SessionDeps, session: Session): void =>
  setCookie(context, name, sealedSession(vault, session), {
    ...cookieOptions(context),
    maxAge: limits.dashboardSessionMsMax / 1000,
  });

/** Has the browser forget the session. */
export const dropSession = (context: Context): void => {
  deleteCookie(context, name, cookieOptions(context));
};

/** Returns the session of a request, unless there is none or it is over. */
export const sessionIn = (
  context: Context<DashboardEnv>,
  { vault, clock }: SessionDeps,
): Session | undefined => openedSession(vault, getCookie(context, name), clock());

/**
 * Returns where to sign in, and then go on: to the page that was asked for, by its path alone. A
 * page that answers a form is not asked for again.
 */
const signInFor = ({ req }: Context): string => {
  const { pathname, search } = new URL(req.url);
  if (req.method !== "GET") return `${base}/sign-in`;
  return `${base}/sign-in?next=${encodeURIComponent(pathname + search)}`;
};

/**
 * Tells whether a link on another site led here. The browser leaves the cookies out then, also
 * those of somebody who is signed in.
 */
const isFromElsewhere = ({ req }: Context): boolean =>
  req.header("sec-fetch-site") === "cross-site" && req.method === "GET";

/** Has the browser ask for the same page again: from a page of ours, and so with the cookies. */
const askAgain = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>Postrider</title></head>
<body><p><a href="">Continue</a></p></body></html>`;

/**
 * Lets a request pass if somebody is signed in. Has everybody else sign in first.
 *
 * A refresh by the page's own script does not show that a person is there: it does not lengthen the
 * session.
 */
export const requireSession =
  (deps: SessionDeps & AskDeps): MiddlewareHandler<DashboardEnv> =>
  async (context, next) => {
    const session = sessionIn(context, deps);
    if (!session && isFromElsewhere(context)) return context.html(askAgain);
    if (!session) return context.redirect(signInFor(context), 303);
    const now = deps.clock();
    context.set("now", now);
    context.set("session", session);
    context.set("as", askerOf(deps, session, context.env?.address));
    if (!isRefresh(context) && now - session.seenAt >= renewAfterMs)
      keepSession(context, deps, { ...session, seenAt: now });
    return next();
  };
