import type { Hono, MiddlewareHandler } from "hono";
import type { Vault } from "../../adapters/vault.ts";
import { type ApiKey, isKeyId, keyIdOf } from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import { createKey, newApiKey, revokeKey } from "../senders/keys.ts";
import { listKeys } from "../senders/list.ts";
import type { Registry } from "../senders/registry.ts";
import type { ApiEnv } from "./env.ts";
import { type LogManageDeps, logManage } from "./log-manage.ts";
import { pageAsked, pageView } from "./page-query.ts";
import { readMembers, readNothing } from "./read-members.ts";
import { findSender, noteSender } from "./sender-in-path.ts";
import { keyOf, senderBodies } from "./sender-members.ts";
import { keyView, newKeyView } from "./sender-views.ts";

type KeyRoutesDeps = Registry & LogManageDeps & { readonly vault: Vault };

type Guards = {
  readonly mayRead: MiddlewareHandler<ApiEnv>;
  readonly mayWrite: MiddlewareHandler<ApiEnv>;
};

/** The name of the list of a sender's keys, for its cursors. Sender ids contain no `#`. */
const listOf = (senderId: string): string => `keys-cursor#${senderId}`;

/** Revokes a key of this sender by its id. Throws NOT_FOUND if it has no such key. */
const revoke = async (deps: KeyRoutesDeps, senderId: string, keyId: string): Promise<ApiKey> => {
  const hash = isKeyId(keyId) ? await deps.keyEntries.hashOf(senderId, keyId) : undefined;
  const revoked = hash === undefined ? undefined : await revokeKey(deps, hash);
  if (!revoked) throw new Problem("NOT_FOUND", "This sender has no such key.");
  return revoked;
};

/** Adds the routes of a sender's keys. A key is shown once, in the answer that creates it. */
export const keyRoutes = (
  app: Hono<ApiEnv>,
  deps: KeyRoutesDeps,
  { mayRead, mayWrite }: Guards,
): void => {
  const { vault, clock } = deps;
  const path = "/:senderId/keys";

  app.get(path, noteSender, mayRead, async (context) => {
    const { senderId } = await findSender(deps, context);
    const list = listOf(senderId);
    const page = await listKeys(deps, senderId, pageAsked(vault, list, context.req.url));
    return context.json(pageView(vault, list, page, keyView));
  });

  app.post(path, noteSender, logManage(deps, "create-key"), mayWrite, async (context) => {
    const asked = keyOf(await readMembers(context, senderBodies.key(clock())));
    const { senderId } = await findSender(deps, context);
    const apiKey = newApiKey();
    const key = await createKey(deps, { ...asked, senderId }, apiKey);
    context.set("managed", { madeKeyId: keyIdOf(key.hash) });
    return context.json(newKeyView(key, apiKey), 201);
  });

  app.post(
    `${path}/:keyId/revoke`,
    ...[noteSender, logManage(deps, "revoke-key"), mayWrite],
    async (context) => {
      await readNothing(context);
      const { senderId } = await findSender(deps, context);
      const revoked = await revoke(deps, senderId, context.req.param("keyId") ?? "");
      context.set("managed", { revokedKeyId: keyIdOf(revoked.hash) });
      return context.json(keyView(revoked));
    },
  );
};
