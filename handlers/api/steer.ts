import type { Context, Hono, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Action } from "../../domain/actions.ts";
import type { Message } from "../../domain/message.ts";
import type { ReplayAsked } from "../../domain/replay.ts";
import { type CancelDeps, cancelMessage } from "../steer/cancel.ts";
import { eraseMessage } from "../steer/erase.ts";
import { recorded } from "../steer/recorded.ts";
import { type ReplayDeps, replayMessage } from "../steer/replay.ts";
import { sendNow } from "../steer/send-now.ts";
import { collectTransitions } from "../transitions.ts";
import { doneBy } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";
import { problemCodeOf } from "./problem-answer.ts";
import { readNothing } from "./read-members.ts";
import { readReplay } from "./read-steer.ts";
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
    const { about, caller, steered } = context.var;
    const problem = problemCodeOf(context.error);
    log.line({
      ...{ event: "steer", action, senderId: caller?.sender.senderId, keyId: caller?.keyId },
      ...{ messageId: about?.messageId, status: steered?.status, problem },
      transitions: transitions.steps,
      durationMs: clock() - startedAt,
    });
  };

/** Where each action is asked for, below a message. */
const routes: Readonly<Record<Action, readonly [method: string, path: string]>> = {
  cancel: ["POST", "/:messageId/cancel"],
  "send-now": ["POST", "/:messageId/send-now"],
  replay: ["POST", "/:messageId/replay"],
  erase: ["DELETE", "/:messageId"],
};

/** Tells whether nothing is still to happen to a message after an action. */
const isOver = ({ status, erasedAt }: Message): boolean =>
  status === "CANCELLED" || erasedAt !== undefined;

/**
 * Adds the routes that steer one message: cancel, send now, replay, erase. Each answers with the
 * message as it then is: 200 once it is CANCELLED or erased, and 202 while something is still to
 * happen.
 */
export const steerRoutes = (
  app: Hono<ApiEnv>,
  deps: SteerDeps,
  mayWrite: MiddlewareHandler<ApiEnv>,
): void => {
  const steer = (
    action: Action,
    read: (context: Context<ApiEnv>) => Promise<ReplayAsked>,
    act: (deps: SteerDeps, message: Message, asked: ReplayAsked) => Promise<Message>,
  ): void => {
    const [method, path] = routes[action];
    app.on(method, path, noteMessage, logSteer(deps, action), mayWrite, async (context) => {
      const { transitions, caller } = context.var;
      const observed = { ...deps, messages: deps.messages.observedBy(transitions.on) };
      const message = await findMessage(deps, context);
      // The request is judged before the state: a fault of it is reported in any state.
      const asked = await read(context);
      const by = doneBy(caller);
      const steered = await recorded(deps, message, { action, by, asked }, () =>
        act(observed, message, asked),
      );
      context.set("steered", steered);
      return context.json(steeredView(steered), isOver(steered) ? 200 : 202);
    });
  };
  steer("cancel", readNothing, cancelMessage);
  steer("send-now", readNothing, sendNow);
  steer("replay", (context) => readReplay(context, deps.clock()), replayMessage);
  steer("erase", readNothing, eraseMessage);
};
