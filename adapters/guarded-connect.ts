import { AsyncLocalStorage } from "node:async_hooks";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici";
import { isWithin, mayReach } from "../domain/address.ts";
import type { Timings } from "../domain/outcome.ts";
import type { TargetPolicy } from "../domain/target-url.ts";
import type { Clock } from "./clock.ts";
import { BlockedTarget } from "./http-errors.ts";

/** All addresses that a name stands for now. Rejects if there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
};

type Guard = {
  readonly policy: TargetPolicy;
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** Certificate authorities to trust in place of Node's, in PEM. */
  readonly ca?: string;
};

/** How long one connection may take, look-up included; the deadline of the exchange may be nearer. */
const connectMsMax = 10_000;

/**
 * Where a connection writes down what its steps took: the exchange on whose behalf it is made. One
 * that finds a connection in the pool has no such steps.
 */
export const connectionTimings = new AsyncLocalStorage<Timings>();

/** The address a host spells out; a name below localhost is loopback without asking (RFC 6761, 6.3). */
const literalOf = (hostname: string): string | undefined => {
  if (/(^|\.)localhost\.?$/.test(hostname)) return "127.0.0.1";
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? undefined : bare;
};

const brokenOff = (): Error => Object.assign(new Error("Broken off"), { code: "ECONNRESET" });

const refuseUnless = (isPermitted: boolean): void => {
  if (!isPermitted) throw new BlockedTarget();
};

/** Whether an address may be connected to, over TLS or in the clear. */
const isPermitted = (
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
 * The look-up of one connection. The addresses it gives are those that were checked, and the
 * socket goes to one of them: there is no second look-up that could say something else. One
 * forbidden answer among many refuses the name, for nobody could say which of them it is about.
 */
const guardedLookup =
  ({ policy, resolve, clock }: Guard, protocol: string): LookupFunction =>
  async (hostname, _options, callback) => {
    const timings = connectionTimings.getStore();
    const startedAt = clock();
    try {
      const addresses = await resolve(hostname);
      if (timings) timings.dnsMs = clock() - startedAt;
      refuseUnless(addresses.every((address) => isPermitted(address, protocol, policy)));
      const [first] = addresses;
      // An answer without an address is the name's fault, as no answer would be.
      if (first === undefined) throw Object.assign(new Error("No address"), { code: "ENOTFOUND" });
      callback(null, addresses.map((address) => ({ address, family: isIP(address) })) as never);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, "");
    }
  };

/** Writes down when a socket was connected, and when its TLS was ready. */
const timed = (socket: unknown, clock: Clock, startedAt: number): void => {
  const timings = connectionTimings.getStore();
  if (!timings) return;
  const emitter = socket as Socket;
  emitter.once("connect", () => {
    timings.connectMs = clock() - startedAt - (timings.dnsMs ?? 0);
  });
  emitter.once("secureConnect", () => {
    timings.tlsMs = clock() - startedAt - (timings.dnsMs ?? 0) - (timings.connectMs ?? 0);
  });
};

/**
 * Connects to permitted addresses and to nothing else, and asks again for every connection. TLS
 * is 1.2 at least and always verified, whatever the environment says.
 */
export const guardedConnector = (guard: Guard): buildConnector.connector => {
  const { policy, clock, ca } = guard;
  const connectorFor = (protocol: string): buildConnector.connector =>
    buildConnector({
      ...{ timeout: connectMsMax, allowH2: false, minVersion: "TLSv1.2", rejectUnauthorized: true },
      lookup: guardedLookup(guard, protocol),
      autoSelectFamily: true,
      ...(ca !== undefined && { ca }),
    });
  const connectors = { "http:": connectorFor("http:"), "https:": connectorFor("https:") };

  return (options, callback) => {
    const protocol = options.protocol === "https:" ? "https:" : "http:";
    const literal = literalOf(options.hostname);
    // Node looks no literal up, so that it would come past the look-up unseen.
    if (literal !== undefined && !isPermitted(literal, protocol, policy)) {
      callback(new BlockedTarget(), null);
      return;
    }
    const startedAt = clock();
    const socket = connectors[protocol](
      { ...options, hostname: literal ?? options.hostname },
      (...[error, connected]) => {
        if (!connected) {
          callback(error ?? brokenOff(), null);
          return;
        }
        // A last look at where it really went. One that is closed already cannot say.
        const { remoteAddress } = connected;
        if (remoteAddress !== undefined && isPermitted(remoteAddress, protocol, policy)) {
          callback(null, connected);
          return;
        }
        connected.destroy();
        callback(remoteAddress === undefined ? brokenOff() : new BlockedTarget(), null);
      },
    );
    timed(socket, clock, startedAt);
  };
};
