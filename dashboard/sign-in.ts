import { type Context, Hono } from "hono";
import type { Log, SignInLine } from "../adapters/log.ts";
import type { DashboardEnv } from "./env.ts";
import { type Form, readForm, readOwnForm } from "./form.ts";
import { page } from "./layout.ts";
import type { Identity, Recognized } from "./session.ts";
import { sessionWith } from "./session.ts";
import { base, dropSession, keepSession, type SessionDeps, sessionIn } from "./session-cookie.ts";
import { linkForm, signInForm } from "./sign-in-form.ts";

export type SignInDeps = SessionDeps & {
  /** Returns whose key this is, or nothing if it is not valid, whatever is wrong with it. */
  readonly identify: (apiKey: string) => Promise<Identity | undefined>;
  /** Returns the keys that a one-time link signs in with, once. */
  readonly invited?: ((token: string) => readonly string[] | undefined) | undefined;
  readonly token: () => string;
  readonly log: Log;
};

/** The same words whatever is wrong with a key, so that nobody learns which keys exist. */
const notAKey = "This is not a valid API key.";
const keyEnded = "A key that you were signed in with is not valid any more.";
const notALink =
  "This sign-in link was used before, or is older than 15 minutes. Sign in with a key instead, or restart Postrider for another link.";

/** Returns a page of the dashboard: nothing that leads elsewhere. */
const nextIn = (text: string | undefined): string =>
  text !== undefined && /^\/dashboard(?:[/?][\x21-\x7e]*)?$/.test(text) ? text : base;

const recognized = async (
  { identify }: SignInDeps,
  apiKeys: readonly string[],
): Promise<readonly Recognized[]> => {
  const all = await Promise.all(
    apiKeys.map(async (apiKey) => ({ apiKey, identity: await identify(apiKey) })),
  );
  return all.flatMap(({ apiKey, identity }) => (identity ? [{ apiKey, identity }] : []));
};

const lineOf = (identity: Identity, address: string | undefined): SignInLine => ({
  ...{ event: "sign-in", holder: identity.holder, keyId: identity.keyId, address },
  ...(identity.holder === "sender" && { senderId: identity.senderId }),
});

/** Returns the keys that a form brings: one that was typed, or those that its link stands for. */
const keysIn = ({ invited }: SignInDeps, form: Form): readonly string[] => {
  const token = form.get("token");
  return token === "" ? [form.get("key")] : (invited?.(token) ?? []);
};

/**
 * Returns the routes by which a person signs in and out. They do not ask for the token of a
 * session, because there is none yet: the browser says which site a form is from.
 *
 * Opening a one-time link uses nothing up, so that whatever looks at links first cannot: the page
 * that it opens sends the form which does.
 */
export const signIn = (deps: SignInDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  const refuse = (context: Context<DashboardEnv>, next: string, error: string) =>
    page(context, { title: "Sign in", main: signInForm({ next, error }), status: 403 });

  app.get("/sign-in", (context) => {
    const { token, next, ended } = context.req.query();
    context.set("session", sessionIn(context, deps) as never);
    if (token !== undefined) return page(context, { title: "Sign in", main: linkForm(token) });
    return page(context, {
      title: "Sign in",
      main: signInForm({
        next: nextIn(next),
        session: context.var.session,
        error: ended === undefined ? undefined : keyEnded,
      }),
    });
  });

  app.post("/sign-in", async (context) => {
    const form = await readForm(context);
    const found = await recognized(deps, keysIn(deps, form));
    const next = nextIn(form.get("next"));
    if (found.length === 0)
      return refuse(context, next, form.get("token") === "" ? notAKey : notALink);
    for (const { identity } of found) deps.log.line(lineOf(identity, context.env?.address));
    const facts = { now: deps.clock(), csrf: deps.token() + deps.token() };
    keepSession(context, deps, sessionWith(sessionIn(context, deps), found, facts));
    return context.redirect(next, 303);
  });

  app.post("/sign-out", async (context) => {
    const session = sessionIn(context, deps);
    if (session) await readOwnForm(context, session);
    dropSession(context);
    return context.redirect(`${base}/sign-in`, 303);
  });
  return app;
};
