import { createHash } from "node:crypto";
import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import type { Scope } from "../../domain/api-key.ts";
import { limits } from "../../domain/limits.ts";
import type { SenderDefaults } from "../../entities/sender.ts";
import { defaults, defaultsOf, scopeList } from "../senders/members.ts";
import { invalid, issuesOf } from "../submission/issues.ts";
import { senderId } from "../submission/members.ts";

/** An event of a custom resource, as CloudFormation sends it (User Guide, "Custom resource request"). */
export type ProvisionEvent = {
  readonly RequestType: "Create" | "Update" | "Delete";
  /** Takes the answer, whoever sends it: it must not be logged. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** The sender and its key. Absent from a Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
};

/** What a stack declares of a sender. */
export type Declared = {
  readonly senderId: string;
  readonly defaults: SenderDefaults;
  readonly scopes: readonly Scope[];
  readonly keyVersion: number;
  /** How long a key that is replaced stays valid. */
  readonly overlapMs: number;
  /** Where its key goes: the ARN of the secret, and the one version that this key has. */
  readonly secretId: string;
  readonly versionId: string;
};

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "must be JSON" });
    return z.NEVER;
  }
});
/** CloudFormation hands every number over as a text. */
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const properties = z.object({
  SenderId: senderId,
  Defaults: json.pipe(defaults),
  Scopes: scopeList,
  KeyVersion: whole(1, Number.MAX_SAFE_INTEGER),
  OverlapMs: whole(0, limits.overlapMsMax),
  SecretArn: z.string().min(1),
});

/**
 * Returns the id of the secret's version that has a key. The same key has the same, in every try:
 * another try finds what an earlier one has stored there.
 */
const versionIdOf = (...parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** Parses what an event declares. Throws a VALIDATION_ERROR that names every fault. */
export const declaredBy = ({
  StackId,
  LogicalResourceId,
  ResourceProperties,
}: ProvisionEvent): Declared => {
  const { data, error } = properties.safeParse(ResourceProperties, { error: inWords });
  if (!data) throw invalid(issuesOf(error));
  const { SenderId, Scopes, KeyVersion } = data;
  return {
    ...{ senderId: SenderId, scopes: Scopes, keyVersion: KeyVersion },
    ...{ defaults: defaultsOf(data.Defaults), overlapMs: data.OverlapMs },
    secretId: data.SecretArn,
    versionId: versionIdOf(StackId, LogicalResourceId, SenderId, Scopes, KeyVersion),
  };
};

/** Returns the name of the stack, which its id has between two slashes. */
export const stackNameOf = ({ StackId }: Pick<ProvisionEvent, "StackId">): string =>
  StackId.split("/")[1] ?? StackId;

/** A key of a sender, by the ids that CloudFormation knows it by. */
export type Owned = { readonly senderId: string; readonly keyId: string };

/** Neither id has a slash. */
export const physicalIdOf = ({ senderId, keyId }: Owned): string => `${senderId}/${keyId}`;

/** Returns what an id names, or `undefined` if it is one that CloudFormation made up. */
export const ownedBy = (physicalId = ""): Owned | undefined => {
  const [, senderId, keyId] = /^([^/]+)\/([\w-]{12})$/.exec(physicalId) ?? [];
  return senderId !== undefined && keyId !== undefined ? { senderId, keyId } : undefined;
};
