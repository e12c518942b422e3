import type { Hono, MiddlewareHandler } from "hono";
import type { Vault } from "../../adapters/vault.ts";
import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import { secretIdOf } from "../../domain/signing-secrets.ts";
import type { SenderStore } from "../../entities/sender.ts";
import type { RecordedDeps } from "../senders/recorded-change.ts";
import { newSecret, type RotationResult, rotateSecret } from "../signing.ts";
import { invalid } from "../submission/issues.ts";
import type { ApiEnv } from "./env.ts";
import { type LogManageDeps, logManage } from "./log-manage.ts";
import { manage } from "./manage.ts";
import { readMembersIfAny } from "./read-members.ts";
import { findSender, noSender, noteSender } from "./sender-in-path.ts";
import { senderBodies } from "./sender-members.ts";
import { newSecretView } from "./sender-views.ts";

type SecretRoutesDeps = LogManageDeps &
  RecordedDeps & { readonly senders: SenderStore; readonly vault: Vault };
type Refusal = Extract<RotationResult, { kind: "refused" }>["why"];

const refused: Readonly<Record<Refusal, () => Problem>> = {
  "no-sender": noSender,
  "not-a-secret": () => invalid([{ path: ["signingSecret"], message: "is not a signing secret" }]),
  "in-use": () =>
    new Problem(
      "ROTATION_CONFLICT",
      "The sender has this signing secret already. If this repeats a rotation whose answer was lost, it has been done.",
    ),
  raced: () =>
    new Problem(
      "ROTATION_CONFLICT",
      "Another rotation of this sender was faster, and this one changed nothing. Read the sender before you try again.",
    ),
  "too-many": () =>
    new Problem(
      "TOO_MANY_SECRETS",
      `Already ${limits.signingSecretsMax} secrets sign. Wait until one has ended, or end the previous ones with an overlap of 0s.`,
    ),
};

/** Adds the route that rotates a signing secret. The new one is shown once, in its answer. */
export const secretRoutes = (
  app: Hono<ApiEnv>,
  deps: SecretRoutesDeps,
  mayWrite: MiddlewareHandler<ApiEnv>,
): void => {
  app.post(
    "/:senderId/secrets/rotate",
    ...[noteSender, logManage(deps, "rotate-secret"), mayWrite],
    async (context) => {
      const given = (await readMembersIfAny(context, senderBodies.rotation)) ?? {};
      const { senderId } = await findSender(deps, context);
      const whsec = given.signingSecret ?? newSecret();
      const overlap = given.overlap !== undefined && { overlapMs: given.overlap };
      const what = { senderId, change: "rotate-secret", ...overlap } as const;
      const sender = await manage(deps, context, what, async () => {
        const rotation = await rotateSecret(deps, senderId, whsec, given.overlap);
        if (rotation.kind === "refused") throw refused[rotation.why]();
        return rotation.sender;
      });
      const [secret] = sender.signingSecrets ?? [];
      context.set("managed", { secretId: secret && secretIdOf(secret) });
      return context.json(newSecretView(sender, whsec));
    },
  );
};
