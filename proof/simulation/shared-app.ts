import { AsyncLocalStorage } from "node:async_hooks";
import type { Hono } from "hono";
import { type ApiDeps, api } from "../../handlers/api/app.ts";
import type { ApiEnv } from "../../handlers/api/env.ts";

/** What processes have each of their own, or are set up with: it is looked up by each request. */
const values = ["clockMarginMs", "graceMs", "policy"] as const;
type Own = Pick<
  ApiDeps,
  (typeof values)[number] | "clock" | "chance" | "log" | "authenticate" | "vault"
>;

const inProcess = new AsyncLocalStorage<Own>();
const own = (): Own => {
  const entered = inProcess.getStore();
  if (!entered) throw new Error("Nobody has asked: this is looked up too early");
  return entered;
};

const functionsOfProcess = {
  clock: () => own().clock(),
  chance: { random: () => own().chance.random(), token: () => own().chance.token() },
  log: {
    line: (line) => own().log.line(line),
    failure: (what, error, fields) => own().log.failure(what, error, fields),
  },
  vault: {
    seal: (plain, context) => own().vault.seal(plain, context),
    open: (sealed, context) => own().vault.open(sealed, context),
    mac: (text, context, keyId) => own().vault.mac(text, context, keyId),
  },
  authenticate: {
    sender: (...given) => own().authenticate.sender(...given),
    operator: (...given) => own().authenticate.operator(...given),
    identify: (...given) => own().authenticate.identify(...given),
  },
} satisfies Partial<Own>;

const valuesOfProcess = Object.fromEntries(
  values.map((name) => [name, { get: () => own()[name], enumerable: true }]),
);

/**
 * The interface for all processes. Its routes remember nothing, and making them takes as long as a
 * whole run; so there is one app for each number of shards, which is read as it is made. What else
 * a process has of its own cannot be read before a request comes.
 */
export const sharedApp = () => {
  const apps = new Map<number, Hono<ApiEnv>>();
  const appOf = (deps: ApiDeps): Hono<ApiEnv> => {
    const later = Object.defineProperties({ ...deps, ...functionsOfProcess }, valuesOfProcess);
    const known = apps.get(deps.shards) ?? api(later);
    apps.set(deps.shards, known);
    return known;
  };
  return (deps: ApiDeps): Pick<Hono<ApiEnv>, "request"> => {
    const app = appOf(deps);
    return { request: (...given) => inProcess.run(deps, () => app.request(...given)) };
  };
};
