import type { Context, Hono, MiddlewareHandler } from "hono";
import type { Vault } from "../../adapters/vault.ts";
import { type ApiKey, hashApiKey, isKeyId, keyIdOf } from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import { createKey, newApiKey, revokeKey } from "../senders/keys.ts";
import { listKeys } from "../senders/list.ts";
import type { RecordedDeps } from "../senders/recorded-change.ts";
import type { Registry } from "../senders/registry.ts";
import type { ApiEnv } from "./env.ts";
import { type LogManageDeps, logManage } from "./log-manage.ts";
import { manage } from "./manage.ts";
import { pageAsked, pageView } from "./page-query.ts";
import { readMembers, readNothing } from "./read-members.ts";
import { findSender, noteSender } from "./sender-in-path.ts";
import { keyOf, senderBodies } from "./sender-members.ts";
import { keyView, newKeyView } from "./sender-views.ts";

type KeyRoutesDeps = Registry & LogManageDeps & RecordedDeps & { readonly vault: Vault };

type Guards = {
  readonly mayRead: MiddlewareHandler<ApiEnv>;
  readonly mayWrite: MiddlewareHandler<ApiEnv>;
};

/** Returns the name of the list of a sender's keys, for its cursors. Sender ids contain no `#`. */
const listOf = (senderId: string): string => `keys-cursor#${senderId}`;

const noKey = (): Problem => new Problem("NOT_FOUND", "This sender has no such key.");

/** Revokes a key of this sender by its id. Throws NOT_FOUND if it has no such key. */
const revoke = async (
  deps: KeyRoutesDeps,
  context: Context<ApiEnv>,
  { senderId, keyId }: { readonly senderId: string; readonly keyId: string },
): Promise<ApiKey> => {
  const hash = isKeyId(keyId) ? await deps.keyEntries.hashOf(senderId, keyId) : undefined;
  // A crash before a key is stored leaves its entry.
  const key = hash === undefined ? undefined : await deps.apiKeys.get(hash);
  if (!key) throw noKey();
  // Nothing is stored of what changes nothing.
  if (key.revokedAt !== undefined) return key;
  const what = { senderId, change: "revoke-key", revokedKeyId: keyId } as const;
  return manage(deps, context, what, async () => {
    const revoked = await revokeKey(deps, key.hash);
    if (!revoked) throw noKey();
    return revoked;
  });
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
    const madeKeyId = keyIdOf(hashApiKey(apiKey));
    const what = { senderId, change: "create-key", madeKeyId } as const;
    const key = await manage(deps, context, what, () =>
      createKey(deps, { ...asked, senderId }, apiKey),
    );
    context.set("managed", { madeKeyId });
    return context.json(newKeyView(key, apiKey), 201);
  });

  app.post(
    `${path}/:keyId/revoke`,
    ...[noteSender, logManage(deps, "revoke-key"), mayWrite],
    async (context) => {
      await readNothing(context);
      const { senderId } = await findSender(deps, context);
      const revoked = await revoke(deps, context, {
        ...{ senderId, keyId: context.req.param("keyId") ?? "" },
      });
      context.set("managed", { revokedKeyId: keyIdOf(revoked.hash) });
      return context.json(keyView(revoked));
    },
  );
};
