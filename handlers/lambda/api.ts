import { handle } from "hono/aws-lambda";
import { apiKeyStore } from "../../entities/api-key.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { senderStore } from "../../entities/sender.ts";
import { api } from "../api/app.ts";
import { authenticator } from "../api/authenticate.ts";
import { apiOptionsOf } from "../options.ts";
import { outsideOf, settingsOf, vaultOf } from "./start.ts";

const settings = settingsOf("api");
const options = apiOptionsOf(settings);
const outside = outsideOf("api", settings);
const { storage, clock } = outside;
const senders = senderStore(storage);

/** Answers events of an HTTP API, payload format version 2.0, or of a function URL. */
export const handler = handle(
  api({
    ...outside,
    ...options,
    vault: await vaultOf(settings),
    attempts: attemptStore(storage),
    authenticate: authenticator({ apiKeys: apiKeyStore(storage), senders, clock }),
    policy: { scheduleMs: options.scheduleMs, retentionDays: options.retentionDays },
  }),
);
