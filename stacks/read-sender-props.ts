import { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { scopes } from "../domain/api-key.ts";
import { formatDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { overlapMsDefault } from "../domain/signing-secrets.ts";
import { defaults, scopeList } from "../handlers/senders/members.ts";
import { senderId } from "../handlers/submission/members.ts";
import { faultLines } from "./fault-lines.ts";
import { whole } from "./members.ts";
import type { SenderProps } from "./sender-props.ts";

/** Not by its class: an app may have CDK twice. */
const isDuration = (given: unknown): given is Duration =>
  typeof given === "object" && given !== null && "toMilliseconds" in given;

const keyOverlap = z.custom<Duration>(
  (given) =>
    isDuration(given) && !given.isUnresolved() && given.toMilliseconds() <= limits.overlapMsMax,
  `must be a Duration of at most ${formatDuration(limits.overlapMsMax)}`,
);

/** The members that the HTTP interface has are read as there. */
const schema = z.strictObject({
  senderId,
  defaults: defaults.prefault({}),
  scopes: scopeList.prefault([...scopes]),
  keyVersion: whole(1, Number.MAX_SAFE_INTEGER).default(1),
  keyOverlap: keyOverlap.default(Duration.millis(overlapMsDefault)),
  encryptionKey: z
    .custom<IKey>(
      (given) => Construct.isConstruct(given),
      "must be a KMS key, not a name or an ARN",
    )
    .optional(),
});

/** The props as the schema takes them. A test compares them with those of `addSender`. */
export type SenderPropsGiven = z.input<typeof schema>;

/** The props of a sender, each with a value where it has a default. */
export type ReadSenderProps = Required<
  Pick<SenderProps, "senderId" | "scopes" | "keyVersion" | "keyOverlap">
> &
  Pick<SenderProps, "defaults" | "encryptionKey">;

/** Parses the props of a sender. Throws an error that names every fault, with the path of the sender. */
export const readSenderProps = (path: string, given: SenderProps): ReadSenderProps => {
  const { data, error } = schema.safeParse(given, { error: inWords });
  if (data) return { ...data, defaults: given.defaults };
  const faults = faultLines(error, "is not a prop of a sender");
  throw new Error([`The props of ${path} have faults:`, ...faults].join("\n- "));
};
