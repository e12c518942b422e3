import { handle, type LambdaContext } from "hono/aws-lambda";
import { actionStore } from "../../entities/action.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { jobStore } from "../../entities/job.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { api } from "../api/app.ts";
import { authenticator } from "../api/authenticate.ts";
import { registryOf } from "../senders/registry.ts";
import { targetPolicyOf } from "../target-policy.ts";
import { withEncodedPath } from "./http-path.ts";
import { outsideOf, settingsOf, vaultOf } from "./start.ts";
import { tracingOf } from "./tracing.ts";

const settings = settingsOf("api");
const outside = outsideOf("api", settings);
const { storage, clock } = outside;
const registry = registryOf(storage);
const [vault, tracing] = await Promise.all([vaultOf(settings), tracingOf(settings, outside)]);

/** An event of payload format version 2.0, as Hono types it. */
type Event = Extract<Parameters<ReturnType<typeof handle>>[0], { readonly rawPath: string }>;

const answer = handle(
  api({
    ...settings,
    ...outside,
    ...registry,
    target: targetPolicyOf(settings),
    ...{ vault, tracing },
    attempts: attemptStore(storage),
    actions: actionStore(storage),
    jobs: jobStore(storage),
    lists: messageListStore(storage),
    outcomes: outcomeStore(storage),
    authenticate: authenticator({ ...registry, clock }),
    policy: { scheduleMs: settings.scheduleMs, retentionDays: settings.retentionDays },
  }),
);

/** Answers events of an HTTP API, payload format version 2.0, or of a function URL. */
export const handler = (event: Event, context?: LambdaContext) =>
  answer(withEncodedPath(event), context);
