import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isWithin, mayReach } from "../domain/address.ts";
import type { TargetPolicy } from "../domain/target-url.ts";
import { BlockedTarget } from "./http-errors.ts";

/**
 * All addresses that a name stands for now. Rejects if there are none, or when the signal says that
 * the asker's time is up.
 */
export type Resolve = (hostname: string, signal?: AbortSignal) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
};

/** The address a host spells out; a name below localhost is loopback without asking (RFC 6761, 6.3). */
export const literalOf = (hostname: string): string | undefined => {
  if (/(^|\.)localhost\.?$/.test(hostname)) return "127.0.0.1";
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? undefined : bare;
};

/** Whether an address may be connected to, over TLS or in the clear. */
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
 * The addresses of a target, every one of them permitted. One forbidden answer among many refuses the
 * name, for nobody could say which of them it is about; the error says nothing of any.
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
  // An answer without an address is the name's fault, as no answer would be.
  if (addresses.length === 0) throw Object.assign(new Error("No address"), { code: "ENOTFOUND" });
  return addresses;
};
