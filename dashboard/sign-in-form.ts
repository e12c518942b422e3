import { html } from "hono/html";
import type { Html } from "./html.ts";
import type { Session } from "./session.ts";
import { base } from "./session-cookie.ts";

type Given = {
  readonly next: string;
  readonly error?: string | undefined;
  readonly session?: Session | undefined;
};

const asWho = ({ sender, operator }: Session): string =>
  [
    sender && `the sender ${sender.senderId} (key ${sender.keyId})`,
    operator && `an operator (key ${operator.keyId})`,
  ]
    .filter(Boolean)
    .join(" and as ");

/**
 * Returns the form that takes a key. Somebody who is signed in adds one, or changes to another
 * sender.
 */
export const signInForm = ({ next, error, session }: Given): Html => html`<section class="sign-in">
<h1>${session ? "Use another key" : "Sign in"}</h1>
${session ? html`<p>You are signed in as ${asWho(session)}. A key of the other kind is added; one of the same kind replaces it.</p>` : ""}
<form method="post" action="${base}/sign-in">
<input type="hidden" name="next" value="${next}">
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus spellcheck="false"
 ${error ? html`aria-invalid="true" aria-describedby="error"` : ""}>
${error ? html`<p class="error" id="error" role="alert">${error}</p>` : ""}
<p class="hint">A sender's key opens its own messages. An operator's key opens senders, keys and secrets.
The session ends after 30 minutes without use, and after 8 hours in any case.</p>
<button class="main">${session ? "Use this key" : "Sign in"}</button>
</form>
</section>`;

/** Returns the form of a one-time link, which the page's script sends at once. */
export const linkForm = (token: string): Html => html`<section class="sign-in">
<h1>Sign in</h1>
<p>This link signs you in once, on this machine.</p>
<form method="post" action="${base}/sign-in" data-submit>
<input type="hidden" name="token" value="${token}">
<button class="main">Sign in</button>
</form>
</section>`;
