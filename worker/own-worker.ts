import type { MessageKey } from "../domain/message.ts";
import type { Claimed, Settled } from "./claimed.ts";

/** As much of an event of SQS and of Lambda's context as is used. */
export type BatchEvent = {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
};
export type BatchContext = { readonly getRemainingTimeInMillis: () => number };
/** The records that must come back: all others may be deleted (`ReportBatchItemFailures`). */
export type BatchResponse = { batchItemFailures: { itemIdentifier: string }[] };

/** Does what a message is for, and settles its attempt: returns what `complete`, `retry` or `fail` does. */
export type Work = (claimed: Claimed) => Promise<Settled>;

/** Makes attempts of messages in your own way, over the table of a deployment. */
export type Worker = {
  /**
   * Makes the handler of a Lambda function, of records of the deployment's queue. Work that throws
   * is logged, and tried again by the schedule. A record fails, alone, if _we_ failed: the table
   * cannot be reached, the record cannot be read, or too little time is left to begin.
   */
  readonly handler: (
    work: Work,
  ) => (event: BatchEvent, context: BatchContext) => Promise<BatchResponse>;
  /**
   * Takes the lease for one attempt, wherever you know of it. Resolves to `undefined` if there is
   * nothing to do. Throws if the table cannot be reached, or if the lease ended meanwhile.
   */
  readonly claim: (
    record: MessageKey & { readonly attempt: number },
  ) => Promise<Claimed | undefined>;
};
