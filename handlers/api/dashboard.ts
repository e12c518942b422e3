import { Hono } from "hono";
import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Vault } from "../../adapters/vault.ts";
import { onFirstUse } from "../../entities/first-use.ts";
import type { Authenticate } from "./authenticate.ts";
import { type ApiEnv, callerAddress } from "./env.ts";

/** Returns the keys that a one-time link signs in with, the first time it is asked for them. */
export type Invited = (token: string) => readonly string[] | undefined;

export type DashboardRouteDeps = {
  readonly authenticate: Authenticate;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Absent: there are no such links. */
  readonly invited?: Invited | undefined;
};

type Fetch = Hono<ApiEnv>["fetch"];
type Dashboard = {
  readonly fetch: (request: Request, bindings: object) => Response | Promise<Response>;
};

/**
 * Returns the route of the dashboard, which is loaded at the first request for it: a function that
 * answers programs starts without it. `api` is the HTTP interface that the dashboard asks.
 */
export const dashboardRoute = (deps: DashboardRouteDeps, api: Fetch): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>();
  const loaded = onFirstUse(async (): Promise<Dashboard> => {
    const { dashboard } = await import("../../dashboard/app.ts");
    const { identify } = deps.authenticate;
    return dashboard({ ...deps, token: deps.chance.token, identify, api });
  });
  app.all("/dashboard/*", async ({ req, env }) => {
    const { fetch } = await loaded();
    return fetch(req.raw, { address: callerAddress(env), whileReading: env?.whileReading });
  });
  return app;
};
