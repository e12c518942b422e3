import { handle, type LambdaContext } from "hono/aws-lambda";
import { apiKeyStore } from "../../entities/api-key.ts";
import { senderStore } from "../../entities/sender.ts";
import { authenticator } from "../api/authenticate.ts";
import { startingApi } from "../api/starting-api.ts";
import { targetPolicyOf } from "../target-policy.ts";
import { withEncodedPath } from "./http-path.ts";
import { outsideOf, settingsOf, vaultOf } from "./start.ts";
import { tracingOf } from "./tracing.ts";

const settings = settingsOf("api");
const outside = outsideOf("api", settings);
const { storage, clock } = outside;
const [vault, tracing] = await Promise.all([vaultOf(settings), tracingOf(settings, outside)]);

/** An event of payload format version 2.0, as Hono types it. */
type Event = Extract<Parameters<ReturnType<typeof handle>>[0], { readonly rawPath: string }>;

const deps = {
  ...settings,
  ...outside,
  target: targetPolicyOf(settings),
  ...{ vault, tracing },
  authenticate: authenticator({
    ...{ senders: senderStore(storage), apiKeys: apiKeyStore(storage), clock },
  }),
  policy: { scheduleMs: settings.scheduleMs, retentionDays: settings.retentionDays },
};
const answer = handle(
  startingApi(deps, async () => (await import("./whole-api.ts")).wholeApi(deps)),
);

/** Answers events of an HTTP API, payload format version 2.0, or of a function URL. */
export const handler = (event: Event, context?: LambdaContext) =>
  answer(withEncodedPath(event), context);
