import { settleMs } from "../domain/deadline.ts";
import type { SettingsOf } from "./read-settings.ts";

/** The visibility timeout as a multiple of the function's time-out, as AWS recommends. */
const visibilityPerTimeout = 6;

/** What is wrong with a setting beside another one. */
export type Coupling = { readonly variable: string; readonly fault: string };

/**
 * Returns the pairs of worker settings that contradict each other. One duration must fit into the
 * other; otherwise attempts are cut off, made twice, or handled by two workers at once.
 */
export const wrongCouplings = (settings: SettingsOf<"worker">): readonly Coupling[] => {
  const timeoutMs = settings.timeoutMs;
  const functionMs = settings.functionTimeoutMs;
  const leaseMs = settings.leaseMs;
  const marginMs = settings.clockMarginMs;
  const visibilityMs = settings.visibilityMs;
  const graceMs = settings.graceMs;
  const couplings: readonly (readonly [holds: boolean, variable: string, fault: string])[] = [
    [
      timeoutMs + settleMs <= functionMs,
      "POSTRIDER_TIMEOUT_MS",
      `with the ${settleMs} ms to write down what came of it, more than the function's time-out of ${functionMs} ms: no attempt would ever be made`,
    ],
    [
      timeoutMs + marginMs < leaseMs,
      "POSTRIDER_TIMEOUT_MS",
      `with the clock margin not less than the lease of ${leaseMs} ms: an exchange would be cut off when its lease is over`,
    ],
    [
      leaseMs + marginMs < visibilityMs,
      "POSTRIDER_LEASE_MS",
      `with the clock margin not less than the visibility timeout of ${visibilityMs} ms: records would come back while their attempt is being made`,
    ],
    [
      visibilityMs >= visibilityPerTimeout * functionMs,
      "POSTRIDER_VISIBILITY_MS",
      `less than ${visibilityPerTimeout} times the function's time-out of ${functionMs} ms: records that wait for their turn would be received so often that they end as dead letters`,
    ],
    [
      graceMs <= leaseMs,
      "POSTRIDER_GRACE_MS",
      `more than the lease of ${leaseMs} ms: a claim would take a second write`,
    ],
  ];
  return couplings.flatMap(([holds, variable, fault]) => (holds ? [] : [{ variable, fault }]));
};

/** Returns a line for each of these pairs. */
export const couplingFaults = (settings: SettingsOf<"worker">): readonly string[] =>
  wrongCouplings(settings).map(({ variable, fault }) => `${variable}: ${fault}`);
