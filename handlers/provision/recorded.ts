import type { Log } from "../../adapters/log.ts";
import { Problem } from "../../domain/problem.ts";
import { type Changing, type RecordedDeps, recordedChange } from "../senders/recorded-change.ts";
import { type ProvisionEvent, stackNameOf } from "./event.ts";

/** What a deployment changes. */
type What = Omit<Changing, "keyId" | "address" | "deployment">;

/** Makes changes of senders that a deployment asks for: recorded like those of an operator, and logged. */
export type Recorded = {
  readonly stackName: string;
  readonly change: <Result>(what: What, act: () => Promise<Result>) => Promise<Result>;
};

const problemOf = (error: unknown): string =>
  error instanceof Problem ? error.code : "SYSTEM_ERROR";

/** Returns the changes of the deployment that an event is of. */
export const recordedBy = (
  deps: RecordedDeps & { readonly log: Log },
  event: ProvisionEvent,
): Recorded => {
  const stackName = stackNameOf(event);
  const deployment = `${stackName}/${event.LogicalResourceId}`;
  return {
    stackName,
    change: async (what, act) => {
      const startedAt = deps.clock();
      const { change, senderId, madeKeyId, revokedKeyId } = what;
      const line = (problem?: string): void =>
        deps.log.line({
          ...{ event: "manage", change, deployment, senderId, madeKeyId, revokedKeyId },
          ...{ problem, durationMs: deps.clock() - startedAt },
        });
      try {
        const result = await recordedChange(deps, { ...what, deployment }, act);
        line();
        return result;
      } catch (error) {
        line(problemOf(error));
        throw error;
      }
    },
  };
};
