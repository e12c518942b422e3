import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isWithin, mayReach } from "../domain/address.ts";
import type { TargetPolicy } from "../domain/target-url.ts";
import { BlockedTarget } from "./http-errors.ts";

/**
 * Returns all current addresses of a name. Rejects if there are none, or when the signal aborts.
 */
export type Resolve = (hostname: string, signal?: AbortSignal) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
};

/**
 * Returns a literal address. A name below localhost is loopback without a look-up (RFC 6761, 6.3).
 */
export const literalOf = (hostname: string): string | undefined => {
  if (/(^|\.)localhost\.?$/.test(hostname)) return "127.0.0.1";
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? undefined : bare;
};

/** Tells whether deliveries may connect to an address, over TLS or plain HTTP. */
export const isPermitted = (
  address: string,
  protocol: string,
  { allowed, http }: TargetPolicy,
): boolean => {
  const isClear = protocol !== "https:";
  if (isClear && http === "never") return false;
  if (isClear && http === "allowed-ranges") return isWithin(address, allowed);
  return mayReach(address, allowed);
};

/**
 * Returns the addresses of a target, all of them permitted. One forbidden address among many
 * refuses the name. The error does not reveal any address.
 */
export const permittedAddresses = async (
  { policy, resolve }: { readonly policy: TargetPolicy; readonly resolve: Resolve },
  target: string,
  signal?: AbortSignal,
): Promise<readonly string[]> => {
  const { hostname, protocol } = new URL(target);
  const literal = literalOf(hostname);
  const addresses = literal === undefined ? await resolve(hostname, signal) : [literal];
  if (!addresses.every((address) => isPermitted(address, protocol, policy)))
    throw new BlockedTarget();
  // An answer without addresses counts like no answer.
  if (addresses.length === 0)
    throw Object.assign(new Error("The name has no address"), { code: "ENOTFOUND" });
  return addresses;
};
