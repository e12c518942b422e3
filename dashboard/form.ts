import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { limits } from "../domain/limits.ts";
import type { DashboardEnv } from "./env.ts";
import type { Html } from "./html.ts";
import { oldForm, tooLarge } from "./page-problem.ts";
import type { Session } from "./session.ts";

/** The fields of a form, as they were filled in. */
export type Form = { readonly get: (name: string) => string };

const tokenField = "csrf";

const refuse = (): never => {
  throw tooLarge();
};

const textOf = async (context: Context<DashboardEnv>): Promise<string> => {
  const read = async () => {
    await bodyLimit({ maxSize: limits.dashboardFormBytesMax, onError: refuse })(
      context,
      async () => {},
    );
    return context.req.raw.text();
  };
  const whileReading = context.env?.whileReading;
  return whileReading ? whileReading(read) : read();
};

/** Reads the fields of a form that was posted, at most so many bytes of it. */
export const readForm = async (context: Context<DashboardEnv>): Promise<Form> => {
  const fields = new URLSearchParams(await textOf(context));
  return { get: (name) => fields.get(name)?.trim() ?? "" };
};

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/**
 * Reads a form that does something. Throws if it is not one of this session's own pages: another
 * site cannot know the token, even where a browser sends the cookie along.
 */
export const readOwnForm = async (
  context: Context<DashboardEnv>,
  session: Session = context.var.session,
): Promise<Form> => {
  const form = await readForm(context);
  if (isSame(form.get(tokenField), session.csrf)) return form;
  throw oldForm();
};

/** Returns the hidden field that shows that a form is from a page of this session. */
export const tokenOf = ({ csrf }: Session): Html =>
  html`<input type="hidden" name="${tokenField}" value="${csrf}">`;
