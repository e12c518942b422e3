import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Log, ManageLine } from "../../adapters/log.ts";
import type { ApiEnv } from "./env.ts";
import { problemCodeOf } from "./problem-answer.ts";

export type LogManageDeps = { readonly log: Log; readonly clock: Clock };

/** Writes the one line of a change of a sender, however it ends: Hono keeps what was thrown. */
export const logManage =
  ({ log, clock }: LogManageDeps, change: ManageLine["change"]): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const startedAt = clock();
    await next();
    const { about, operator, managed } = context.var;
    const problem = problemCodeOf(context.error);
    log.line({
      ...{ event: "manage", change, keyId: operator?.keyId, senderId: about?.senderId },
      ...{ ...managed, problem, durationMs: clock() - startedAt },
    });
  };
