import type { SQSEvent } from "aws-lambda";
import type { Message } from "../../domain/message.ts";
import type { Chronicle } from "./chronicle.ts";
import { recordOf } from "./queue.ts";

type Lease = { readonly by: string; readonly until: number };
type Line = Readonly<Record<string, unknown>>;

const nameOf = (messageId: unknown, attempt: unknown): string => `${messageId}/${attempt}`;

const settling = ["complete", "retry", "fail", "abandon"];

const settlesIn = (transitions: unknown): boolean =>
  Array.isArray(transitions) && transitions.some(({ verb }) => settling.includes(verb));

/**
 * Who created which message, took and settled which attempt, and which records it was given: what
 * only one who sees all processes can hold against what each of them says.
 */
export const holdersFrom = (chronicle: Chronicle) => {
  const creators = new Map<string, string>();
  const leases = new Map<string, Lease>();
  const settlers = new Map<string, string>();
  const batches = new Map<string, readonly string[]>();
  const latest = new Map<string, string>();

  const isClaim = (before: Message | undefined, after: Message | undefined): after is Message =>
    after?.status === "PROCESSING" && before?.status !== "PROCESSING";

  return {
    given: (worker: string, { Records }: SQSEvent): void => {
      const names = Records.map(({ body }) => {
        const { key, attempt } = recordOf(body);
        return nameOf(key.messageId, attempt);
      });
      batches.set(worker, names);
    },
    wrote: (by: string, before: Message | undefined, after: Message | undefined): void => {
      const { messageId = "" } = after ?? before ?? {};
      latest.set(messageId, by);
      if (after && before?.submitId !== after.submitId) creators.set(after.messageId, by);
      if (before?.status === "PROCESSING" && after?.status !== "PROCESSING")
        settlers.set(nameOf(before.messageId, before.attempts), by);
      if (after?.failReason === "payload-missing")
        chronicle.violate({
          invariant: "with-its-payload",
          what: "FAILED, for want of its payload",
          message: after.messageId,
        });
      if (!isClaim(before, after)) return;
      const name = nameOf(after.messageId, after.attempts);
      leases.set(name, { by, until: after.leaseUntil ?? 0 });
      if (!batches.get(by)?.includes(name))
        chronicle.violate({
          invariant: "for-its-record",
          what: `${by} took attempt ${after.attempts}, and had no record of it`,
          message: after.messageId,
        });
    },
    leaseOf: (messageId: string, attempt: number): Lease | undefined =>
      leases.get(nameOf(messageId, attempt)),
    /** Whoever did it itself must not say that it was another. */
    said: (who: string, { messageId, attempt, verdict, duplicate, transitions }: Line): void => {
      const name = nameOf(messageId, attempt);
      // Where somebody else has written since, its token is gone, and it cannot know.
      const isLast = latest.get(String(messageId)) === who;
      const isOnlyOne = batches.get(who)?.filter((each) => each === name).length === 1;
      const denied = [
        verdict === "record-dropped" && isOnlyOne && isLast && leases.get(name)?.by === who,
        verdict === "overtaken" && isLast && settlers.get(name) === who,
        settlesIn(transitions) && settlers.get(name) !== who,
        duplicate === true && creators.get(String(messageId)) === who,
      ];
      if (denied.some(Boolean))
        chronicle.violate({
          invariant: "own-write",
          what: `${who} does not know whose write it was: ${verdict ?? "duplicate"}`,
          message: String(messageId),
        });
    },
  };
};
export type Holders = ReturnType<typeof holdersFrom>;
