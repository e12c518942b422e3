import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { openedText, sealedText } from "../adapters/sealed-text.ts";
import type { Answered } from "./ask.ts";
import type { DashboardEnv } from "./env.ts";
import { isRefresh } from "./refresh.ts";
import { cookieOptions, type SessionDeps } from "./session-cookie.ts";

const shape = z.object({
  tone: z.enum(["done", "refused"]),
  text: z.string(),
  /** What is shown this once and never again, such as a new key. */
  secrets: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});

/** What came of an action, in words: shown once, on the page that the viewer is sent to after it. */
export type Flash = Readonly<z.infer<typeof shape>>;

/** So many faults of a form are told at once. */
const faultsMax = 5;

/** Returns what came of an action in words: those of the problem, where it was refused. */
export const resultOf = <Value>(answer: Answered<Value>, done: (value: Value) => string): Flash => {
  if (answer.kind === "answer") return { tone: "done", text: done(answer.value) };
  const { detail, issues = [] } = answer.problem;
  // A cookie holds about 4,000 characters.
  const faults = issues
    .slice(0, faultsMax)
    .map(({ path, message }) => [path.join("."), message].join(" "));
  return { tone: "refused", text: [detail, ...faults].join(" ") };
};

const name = "postrider_flash";
const sealContext = "dashboard-flash";
const keptSeconds = 120;

/** Keeps what came of an action for the next page. */
export const setFlash = (context: Context, { vault }: SessionDeps, flash: Flash): void =>
  setCookie(context, name, sealedText(vault, sealContext, JSON.stringify(flash)), {
    ...cookieOptions(context),
    maxAge: keptSeconds,
  });

/**
 * Takes what is to be shown, if anything is. A refresh by the page's script leaves it to the next
 * page: it shows only parts of the page.
 */
export const takeFlash = (
  context: Context<DashboardEnv>,
  { vault }: SessionDeps,
): Flash | undefined => {
  const cookie = getCookie(context, name);
  if (cookie === undefined || isRefresh(context) || context.req.method !== "GET") return undefined;
  deleteCookie(context, name, cookieOptions(context));
  return shape.safeParse(openedText(vault, sealContext, cookie)).data;
};
