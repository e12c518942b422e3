import type { ProvisionEvent } from "./event.ts";

/** How an event ended. The reason is what whoever deploys reads in the events of the stack. */
export type Ended =
  | { readonly kind: "done"; readonly physicalId: string }
  | { readonly kind: "failed"; readonly physicalId: string; readonly reason: string };

/** CloudFormation takes an answer of 4,096 bytes at most. */
const reasonCharsMax = 1500;

/** Returns the answer to an event, as CloudFormation expects it. It has no secret, only ids. */
export const answerTo = (event: ProvisionEvent, ended: Ended): string => {
  const [SenderId = "", KeyId = ""] = ended.physicalId.split("/");
  return JSON.stringify({
    ...(ended.kind === "done"
      ? { Status: "SUCCESS", Data: { SenderId, KeyId } }
      : { Status: "FAILED", Reason: ended.reason.slice(0, reasonCharsMax) }),
    PhysicalResourceId: ended.physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  });
};
