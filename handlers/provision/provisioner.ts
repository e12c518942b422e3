import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { SecretVersions } from "../../adapters/secret-versions.ts";
import type { Vault } from "../../adapters/vault.ts";
import { Problem } from "../../domain/problem.ts";
import { retryUntil } from "../retry-until.ts";
import type { Registry } from "../senders/registry.ts";
import { answerTo, type Ended } from "./answer.ts";
import { declaredBy, ownedBy, type ProvisionEvent, physicalIdOf } from "./event.ts";
import {
  endAfter,
  establish,
  keyIn,
  type ProvisionDeps,
  proposeKey,
  type RetireDeps,
  revoke,
} from "./provision-sender.ts";
import { type Recorded, recordedBy } from "./recorded.ts";

export type ProvisionerDeps = Registry & {
  readonly secrets: SecretVersions;
  /** Opened when it is first needed: what keeps it closed is then a reason in the answer. */
  readonly openVault: () => Promise<Vault>;
  /** Puts an answer to an address. */
  readonly put: (url: string, text: string) => Promise<void>;
  readonly log: Log;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
};

type Context = {
  readonly getRemainingTimeInMillis: () => number;
  readonly logGroupName: string;
};

/** How long the answer may take. */
const answerMs = 15_000;
/** A new permission of the function's role may take so long until it counts everywhere. */
const patienceMs = 45_000;

const reasonOf = ({ message, issues }: Problem): string =>
  [message, ...issues.map(({ path, message: fault }) => `${path.join(".")} ${fault}`)].join(" ");

/** The event, and the id that an answer to it has so far. */
type Course = { readonly event: ProvisionEvent; physicalId: string };

/** Creates the sender that an event declares, or changes it. */
const provide = async (deps: ProvisionDeps, recorded: Recorded, course: Course): Promise<void> => {
  const declared = declaredBy(course.event);
  const { senderId, overlapMs } = declared;
  const before = ownedBy(course.event.PhysicalResourceId);
  const key = await proposeKey(deps, declared);
  const physicalId = physicalIdOf({ senderId, keyId: key.keyId });
  // Of a Create that fails from here on, CloudFormation deletes by this id what it has left.
  if (!before) course.physicalId = physicalId;
  await establish(deps, recorded, declared, key);
  // The new key is in the secret by now. A crash before this leaves the old one without an end: the
  // next try ends it, or CloudFormation deletes it once the stack is updated.
  if (before && physicalIdOf(before) !== physicalId)
    await endAfter(deps, recorded, before, overlapMs);
  course.physicalId = physicalId;
};

/** Revokes the key of a sender that is taken out of its stack. */
const retire = async (deps: RetireDeps, recorded: Recorded, { event }: Course): Promise<void> => {
  const owned = ownedBy(event.PhysicalResourceId) ?? (await proposedBy(deps, event));
  if (owned) await revoke(deps, recorded, owned);
};

/** What a Create has left whose answer never came: CloudFormation makes an id up for it. */
const proposedBy = async ({ secrets }: RetireDeps, event: ProvisionEvent) => {
  try {
    const { senderId, secretId, versionId } = declaredBy(event);
    const text = await secrets.read(secretId, versionId);
    return text === undefined ? undefined : { senderId, keyId: keyIn(text).keyId };
  } catch (error) {
    // What cannot be parsed was never created.
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/**
 * Returns the handler of a custom resource that is a sender with a key: it creates, changes and
 * retires it, and answers. Each event may come more than once, and after any part of it was done.
 */
export const provisioner =
  (deps: ProvisionerDeps) =>
  async (event: ProvisionEvent, context: Context): Promise<void> => {
    const { log, clock, sleep, openVault } = deps;
    const course: Course = { event, physicalId: event.PhysicalResourceId ?? "none" };
    const until = clock() + Math.min(patienceMs, context.getRemainingTimeInMillis() - answerMs);
    const act = async (): Promise<Problem | undefined> => {
      try {
        const recorded = recordedBy(deps, event);
        if (event.RequestType === "Delete") await retire(deps, recorded, course);
        else await provide({ ...deps, vault: await openVault() }, recorded, course);
        return undefined;
      } catch (error) {
        if (error instanceof Problem) return error;
        throw error;
      }
    };
    const end = async (): Promise<Ended> => {
      try {
        const problem = await retryUntil(act, { until, clock, sleep });
        const { physicalId } = course;
        return problem
          ? { kind: "failed", physicalId, reason: reasonOf(problem) }
          : { kind: "done", physicalId };
      } catch (error) {
        log.failure("provision failed", error, { logicalId: event.LogicalResourceId });
        const reason = `Postrider could not do this. The log group ${context.logGroupName} says why.`;
        return { kind: "failed", physicalId: course.physicalId, reason };
      }
    };
    await deps.put(event.ResponseURL, answerTo(event, await end()));
  };
