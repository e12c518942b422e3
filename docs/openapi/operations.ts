import type { Operation, Operations, Route } from "./operation.ts";
import { failureOperations } from "./operations/failures.ts";
import { jobOperations } from "./operations/jobs.ts";
import { messageOperations } from "./operations/messages.ts";
import { outcomeOperations } from "./operations/outcomes.ts";
import { senderOperations } from "./operations/senders.ts";
import { serviceOperations } from "./operations/service.ts";
import { steerOperations } from "./operations/steer.ts";

/** Every operation of the HTTP interface, by route. A test holds them against the app's routes. */
export const operations: Operations = {
  ...messageOperations,
  ...steerOperations,
  ...failureOperations,
  ...outcomeOperations,
  ...jobOperations,
  ...senderOperations,
  ...serviceOperations,
};

/** The operations with their routes, in the order of the document. */
export const operationList = Object.entries(operations) as (readonly [Route, Operation])[];
