import type { Context, Hono, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Action } from "../../domain/actions.ts";
import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import { type CancelDeps, cancelMessage } from "../steer/cancel.ts";
import { type ReplayDeps, replayMessage } from "../steer/replay.ts";
import { sendNow } from "../steer/send-now.ts";
import { collectTransitions } from "../transitions.ts";
import type { ApiEnv } from "./env.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";
import { readNothing, readReplay } from "./read-steer.ts";
import { steeredView } from "./views.ts";

export type SteerDeps = CancelDeps & ReplayDeps;

/** Writes the one line of an action, however it ends: Hono keeps what was thrown. */
const logSteer =
  ({ log, clock }: { log: Log; clock: Clock }, action: Action): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const startedAt = clock();
    const transitions = collectTransitions();
    context.set("transitions", transitions);
    await next();
    const { error } = context;
    const { about, caller, steered } = context.var;
    const problem = error && (error instanceof Problem ? error.code : "SYSTEM_ERROR");
    log.line({
      ...{ event: "steer", action, senderId: caller?.sender.senderId, keyId: caller?.keyId },
      ...{ messageId: about?.messageId, status: steered?.status, problem },
      transitions: transitions.steps,
      durationMs: clock() - startedAt,
    });
  };

/**
 * Adds the routes that steer one message: cancel, send now, replay. Each answers with the message
 * as it then is: 200 once it is CANCELLED, and 202 while something is still to happen.
 */
export const steerRoutes = (
  app: Hono<ApiEnv>,
  deps: SteerDeps,
  mayWrite: MiddlewareHandler<ApiEnv>,
): void => {
  const steer = (
    action: Action,
    act: (deps: SteerDeps, message: Message, context: Context<ApiEnv>) => Promise<Message>,
  ): void => {
    const path = `/:messageId/${action}`;
    app.post(path, noteMessage, logSteer(deps, action), mayWrite, async (context) => {
      const { transitions } = context.var;
      const observed = { ...deps, messages: deps.messages.observedBy(transitions.on) };
      const steered = await act(observed, await findMessage(deps, context), context);
      context.set("steered", steered);
      return context.json(steeredView(steered), steered.status === "CANCELLED" ? 200 : 202);
    });
  };
  // The request is judged before the state: a fault of it is reported in any state.
  steer("cancel", async (observed, message, context) => {
    await readNothing(context);
    return cancelMessage(observed, message);
  });
  steer("send-now", async (observed, message, context) => {
    await readNothing(context);
    return sendNow(observed, message);
  });
  steer("replay", async (observed, message, context) =>
    replayMessage(observed, message, await readReplay(context, deps.clock())),
  );
};
