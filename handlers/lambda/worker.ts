import { couplingFaults } from "../../adapters/couplings.ts";
import { guardedPost } from "../../adapters/http.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { senderStore } from "../../entities/sender.ts";
import { secretsReader } from "../signing.ts";
import { targetPolicyOf } from "../target-policy.ts";
import { worker } from "../worker/worker.ts";
import { outsideOf, settingsOf, vaultOf } from "./start.ts";
import { tracingOf } from "./tracing.ts";

const settings = settingsOf("worker", couplingFaults);
const outside = outsideOf("worker", settings);
const { storage, clock } = outside;
const [vault, tracing] = await Promise.all([vaultOf(settings), tracingOf(settings, outside)]);

/** Handles batches of the queue and returns the records that failed. */
export const handler = worker({
  ...settings,
  ...outside,
  ...{ vault, tracing },
  attempts: attemptStore(storage),
  outcomes: outcomeStore(storage),
  post: guardedPost({ policy: targetPolicyOf(settings), clock }),
  secretsOf: secretsReader({ senders: senderStore(storage), vault, clock }),
});
