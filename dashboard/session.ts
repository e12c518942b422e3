import * as z from "zod";
import { openedText, sealedText } from "../adapters/sealed-text.ts";
import type { Vault } from "../adapters/vault.ts";
import { limits } from "../domain/limits.ts";

const held = { apiKey: z.string(), keyId: z.string(), scopes: z.array(z.string()) };
const senderShape = z.object({ ...held, senderId: z.string() });
const shape = z.object({
  sender: senderShape.optional(),
  operator: z.object(held).optional(),
  /** `sender` is one that an operator looks at, until then; `own` is what was there before. */
  looking: z.object({ until: z.number(), own: senderShape.optional() }).optional(),
  csrf: z.string(),
  startedAt: z.number(),
  seenAt: z.number(),
});

/**
 * Who is signed in: with the key of a sender, of an operator, or both. The text of each key is in the
 * session, and is asked about anew by each request: a revoked key ends what it could do.
 */
export type Session = Readonly<z.infer<typeof shape>>;
export type Holder = "sender" | "operator";

/** A key that was recognized, and whose it is. */
export type Identity = { readonly keyId: string; readonly scopes: readonly string[] } & (
  | { readonly holder: "sender"; readonly senderId: string }
  | { readonly holder: "operator" }
);

/** The keys that somebody signs in with, of which each was recognized. */
export type Recognized = { readonly apiKey: string; readonly identity: Identity };

const context = "dashboard-session";

/** Returns a session with these keys added. A key takes the place of another one of its kind. */
export const sessionWith = (
  before: Session | undefined,
  recognized: readonly Recognized[],
  { now, csrf }: { readonly now: number; readonly csrf: string },
): Session => {
  const added = recognized.map(({ apiKey, identity }) => {
    const { holder, ...about } = identity;
    return [holder, { ...about, scopes: [...about.scopes], apiKey }] as const;
  });
  const isSender = recognized.some(({ identity }) => identity.holder === "sender");
  // Who signs in with the key of a sender looks at no other one.
  const { sender, operator, looking }: Partial<Session> =
    (before && isSender ? notLooking(before) : before) ?? {};
  return {
    sender,
    operator,
    looking,
    ...Object.fromEntries(added),
    csrf,
    startedAt: now,
    seenAt: now,
  };
};

/** The key of a sender by which an operator looks at its messages. */
type LookKey = NonNullable<Session["sender"]>;

/** Returns the session of an operator who looks at the messages of a sender, until a time. */
export const lookingAt = (
  session: Session,
  {
    apiKey,
    keyId,
    scopes,
    senderId,
  }: Readonly<Omit<LookKey, "scopes">> & {
    readonly scopes: readonly string[];
  },
  until: number,
): Session => {
  const { sender: own } = notLooking(session);
  const sender = { apiKey, keyId, scopes: [...scopes], senderId };
  return { ...session, sender, looking: { until, own } };
};

/** Returns the session as it is without the look. */
export const notLooking = ({ looking, ...session }: Session): Session =>
  looking === undefined ? session : { ...session, sender: looking.own };

/** Returns the session as the cookie holds it: only this service can read it. */
export const sealedSession = (vault: Vault, session: Session): string =>
  sealedText(vault, context, JSON.stringify(session));

/** Tells whether a session is over: it was not used for a while, or it is old. */
const isOver = ({ startedAt, seenAt }: Session, now: number): boolean =>
  now - seenAt >= limits.dashboardIdleMsMax || now - startedAt >= limits.dashboardSessionMsMax;

/** Returns the session in a cookie, unless it is over or not of this service. */
export const openedSession = (
  vault: Vault,
  cookie: string | undefined,
  now: number,
): Session | undefined => {
  if (cookie === undefined) return undefined;
  const { data } = shape.safeParse(openedText(vault, context, cookie));
  if (!data || isOver(data, now)) return undefined;
  return data.looking && data.looking.until <= now ? notLooking(data) : data;
};
