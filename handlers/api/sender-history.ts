import type { Hono, MiddlewareHandler } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Vault } from "../../adapters/vault.ts";
import type { SenderStore } from "../../entities/sender.ts";
import type { SenderChangeStore } from "../../entities/sender-change.ts";
import type { ApiEnv } from "./env.ts";
import { pageAsked, pageView } from "./page-query.ts";
import { findSender, noteSender } from "./sender-in-path.ts";
import { senderChangeView } from "./sender-views.ts";

type HistoryDeps = {
  readonly senders: SenderStore;
  readonly senderChanges: SenderChangeStore;
  readonly vault: Vault;
  readonly clock: Clock;
};

/**
 * Returns the name of the list of a sender's changes, for its cursors. Sender ids contain no `#`.
 */
const listOf = (senderId: string): string => `sender-history-cursor#${senderId}`;

/** Adds the route of what operators did to a sender. */
export const historyRoute = (
  app: Hono<ApiEnv>,
  deps: HistoryDeps,
  mayRead: MiddlewareHandler<ApiEnv>,
): void => {
  const { vault, senderChanges, clock } = deps;

  app.get("/:senderId/history", noteSender, mayRead, async (context) => {
    const { senderId } = await findSender(deps, context);
    const list = listOf(senderId);
    const page = await senderChanges.page(
      senderId,
      pageAsked(vault, list, context.req.url),
      clock(),
    );
    return context.json(pageView(vault, list, page, senderChangeView));
  });
};
