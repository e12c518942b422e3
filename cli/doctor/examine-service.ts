import type { Certificate } from "../../adapters/certificate.ts";
import type { Outside } from "../../client/outside.ts";
import { type AskService, type Reply, serviceAsker } from "./ask-service.ts";
import type { KeyFacts, ScopeAnswer } from "./key-findings.ts";
import type { Health, ServiceFacts } from "./service-findings.ts";
import type { Count, WorkFacts } from "./work-findings.ts";

type Deps = Pick<Outside, "fetch" | "now"> & {
  readonly certificateAt: (url: string, deadlineMs: number) => Promise<Certificate | undefined>;
  readonly signal: AbortSignal;
};

/** Which service, and the keys for it. */
export type Service = {
  readonly url: string;
  readonly isLocal: boolean;
  readonly key?: string | undefined;
  readonly operatorKey?: string | undefined;
};

const certificateWithinMs = 10_000;
const dayMs = 86_400_000;

type Json = Readonly<Record<string, unknown>>;
const jsonOf = (reply: Reply): Json =>
  reply.kind === "answered" && typeof reply.json === "object" && reply.json !== null
    ? (reply.json as Json)
    : {};

const healthOf = (reply: Reply): Health => {
  if (reply.kind === "no-answer") return reply;
  const { status, ms } = reply;
  return {
    kind: "answered",
    status,
    ms,
    isPostrider: status === 200 && jsonOf(reply)["status"] === "ok",
  };
};

/** Returns what a status says of a scope. `granted` is that of a request which has it. */
const scopeOf = (reply: Reply, granted: number): ScopeAnswer => {
  if (reply.kind === "no-answer") return "unclear";
  if (reply.status === granted) return "granted";
  if (reply.status === 401) return "not-valid";
  return reply.status === 403 ? "missing" : "unclear";
};

/** Finds out what a sender's key may do. An empty job is refused: nothing is made. */
const senderKeyFacts = async (ask: AskService): Promise<KeyFacts> => ({
  read: scopeOf(await ask("GET", "/v1/counts?status=unfinished"), 200),
  write: scopeOf(await ask("POST", "/v1/jobs"), 400),
});

const isOfOtherKind = ({ read, write }: KeyFacts): boolean =>
  read === "missing" && write === "missing";

/** Finds out what the keys may do. One that was given for both is of one kind: which, is seen. */
const keysFacts = async (
  askWith: (key: string | undefined) => AskService,
  { key, operatorKey }: Service,
): Promise<Pick<ServiceFacts, "senderKey" | "operatorKey">> => {
  const senderKey = key === undefined ? undefined : await senderKeyFacts(askWith(key));
  const isOne = key === operatorKey;
  if (operatorKey === undefined || (isOne && senderKey && !isOfOtherKind(senderKey)))
    return senderKey ? { senderKey } : {};
  const read = scopeOf(await askWith(operatorKey)("GET", "/v1/senders?limit=1"), 200);
  return { ...(senderKey && !isOne && { senderKey }), operatorKey: { read } };
};

const countIn = (reply: Reply): Count => {
  const { count, isExact } = jsonOf(reply);
  return { count: Number(count ?? 0), isExact: isExact === true };
};

const itemsIn = (reply: Reply, name: "items" | "groups"): readonly Json[] => {
  const items = jsonOf(reply)[name];
  return Array.isArray(items) ? items : [];
};

/** Returns the earliest due time of the messages that nobody has at work, if there are any. */
const waitingSince = (messages: readonly Json[]): number | undefined => {
  const times = messages
    .filter(({ status }) => status === "PENDING" || status === "QUEUED")
    .map(({ notBefore }) => Date.parse(String(notBefore)))
    .filter((at) => !Number.isNaN(at));
  return times.length === 0 ? undefined : Math.min(...times);
};

const workFacts = async (ask: AskService, now: number): Promise<WorkFacts> => {
  const dayAgo = new Date(now - dayMs).toISOString();
  const unfinished = await ask("GET", "/v1/counts?status=unfinished");
  // Those that are checked next are first: what is late is among them.
  const next = await ask("GET", "/v1/messages?status=unfinished&limit=100");
  const failed = await ask("GET", `/v1/counts?status=FAILED&from=${dayAgo}`);
  const [worst] = itemsIn(await ask("GET", "/v1/failures?by=target"), "groups");
  const since = waitingSince(itemsIn(next, "items"));
  return {
    ...{ unfinished: countIn(unfinished), failed: countIn(failed) },
    ...(since !== undefined && { waitingSince: since }),
    ...(worst && { worst: { target: String(worst["key"]), count: Number(worst["count"]) } }),
  };
};

/**
 * Looks at a running service: whether it answers, its clock and certificate, what the keys may do,
 * what waits and what FAILED. Changes nothing. Rejects only if the signal aborts.
 */
export const examineService = async (deps: Deps, service: Service): Promise<ServiceFacts> => {
  const { certificateAt, now, signal } = deps;
  const { url, isLocal, key } = service;
  const askWith = (its: string | undefined) =>
    serviceAsker(deps, { url, signal, ...(its && { key: its }) });

  const reply = await askWith(undefined)("GET", "/healthz");
  const seenAt = now();
  const health = healthOf(reply);
  const isSecure = new URL(url).protocol === "https:";
  const certificate = isSecure ? await certificateAt(url, certificateWithinMs) : undefined;
  const seen = { url, isLocal, now: seenAt, health, ...(certificate && { certificate }) };
  if (reply.kind === "no-answer" || health.kind === "no-answer" || !health.isPostrider) return seen;

  // The time of an answer is cut to the second before it.
  const aheadMs = reply.date === undefined ? undefined : seenAt - reply.ms / 2 - (reply.date + 500);
  const keys = await keysFacts(askWith, service);
  return {
    ...seen,
    ...(aheadMs !== undefined && { aheadMs: Math.round(aheadMs) }),
    ...keys,
    ...(keys.senderKey?.read === "granted" && {
      work: await workFacts(askWith(key), seenAt - (aheadMs ?? 0)),
    }),
  };
};
