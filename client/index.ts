/** For senders and receivers: `postrider/client`. Needs `fetch` and Web Crypto, and nothing else. */
import { systemOutside } from "./outside.ts";
import { postriderOver } from "./postrider.ts";

export type {
  Accepted,
  Action,
  Attempt,
  BatchResult,
  FailReason,
  FailureGroup,
  Failures,
  HistoryEvent,
  Issue,
  LastOutcome,
  ListedMessage,
  Message,
  MessageCount,
  MessagePage,
  OutcomeClass,
  Outcomes,
  Problem,
  Redactable,
  Status,
  SteeredMessage,
  Why,
} from "./answers.ts";
export type { CallOptions } from "./call.ts";
export { PostriderError } from "./error.ts";
export type { CreatedJob, Job, JobPage, JobPlan, JobStatus, JobVerb } from "./job-answers.ts";
export { type Once, type OnceOptions, type OnceStore, once } from "./once.ts";
export type { Signal } from "./outside.ts";
export type { ClientSettings, Postrider } from "./postrider.ts";
export type { JobAsked, ListFilter, Replay, Submission, Time } from "./requests.ts";
export {
  type ReceivedHeaders,
  type RefusedBecause,
  type Verified,
  type VerifyOptions,
  verify,
} from "./verify.ts";

/**
 * Returns a client of one sender. It repeats a request that gets no answer, a 429 or a 5xx, under
 * the same message id, so nothing is done twice.
 *
 * @example
 * const client = postrider({ url: "https://…", key: "prk_…", senderId: "shop" });
 * await client.send({ messageId: "order-1", targetUrl: "https://…", body: { order: 1 } });
 */
export const postrider = postriderOver(systemOutside);
