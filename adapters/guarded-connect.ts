import { AsyncLocalStorage } from "node:async_hooks";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici";
import type { Timings } from "../domain/outcome.ts";
import type { TargetPolicy } from "../domain/target-url.ts";
import type { Clock } from "./clock.ts";
import { BlockedTarget } from "./http-errors.ts";
import { isPermitted, literalOf, permittedAddresses, type Resolve } from "./target-lookup.ts";

type Guard = {
  readonly policy: TargetPolicy;
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** Certificate authorities to trust in place of Node's, in PEM. */
  readonly ca?: string;
};

/** The time limit of one connection. The deadline of the exchange may be earlier. */
const connectMsMax = 10_000;

/**
 * The time that one address of a name gets before the next is tried, in milliseconds. Three seconds
 * let a lost first packet be sent again (after one second, RFC 6298, 2.1, and after three); Node's
 * 250 would give the address up. In steps, because each value needs a connector of its own.
 */
const sharesMs = [3000, 1500, 1000, 500, 250] as const;
type Share = (typeof sharesMs)[number];

/** Returns the largest share that leaves one for each address within the budget; at least 250. */
export const connectShareMs = (budgetMs: number, addresses: number): Share =>
  sharesMs.find((share) => share * addresses <= budgetMs) ?? 250;

/**
 * The exchange that a connection is made for: its checked addresses, and the timings that the
 * connection fills in. An exchange on a reused connection has no such timings.
 */
export type ExchangeContext = {
  readonly timings: Timings;
  readonly addresses: readonly string[];
  /** When the exchange must be over, by the guard's clock. */
  readonly endsAt: number;
};
export const currentExchange = new AsyncLocalStorage<ExchangeContext>();

const brokenOff = (): Error =>
  Object.assign(new Error("The connection ended before it was checked"), { code: "ECONNRESET" });

/**
 * Returns the addresses of one connection: those that its exchange looked up and checked. The
 * socket connects to one of them; no second look-up could return others. A connection without an
 * exchange does its own look-up.
 */
const checkedLookup =
  (guard: Guard, protocol: string): LookupFunction =>
  async (hostname, _options, callback) => {
    try {
      const addresses =
        currentExchange.getStore()?.addresses ??
        (await permittedAddresses(guard, `${protocol}//${hostname}`));
      callback(null, addresses.map((address) => ({ address, family: isIP(address) })) as never);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, "");
    }
  };

/** Records when a socket was connected and when its TLS was ready. */
const recordConnect = (socket: unknown, clock: Clock, startedAt: number): void => {
  const timings = currentExchange.getStore()?.timings;
  if (!timings) return;
  const emitter = socket as Socket;
  emitter.once("connect", () => {
    timings.connectMs = clock() - startedAt;
  });
  emitter.once("secureConnect", () => {
    timings.tlsMs = clock() - startedAt - (timings.connectMs ?? 0);
  });
};

/**
 * Connects to permitted addresses only. TLS is at least 1.2 and always verified, whatever the
 * environment says.
 */
export const guardedConnector = (guard: Guard): buildConnector.connector => {
  const { policy, clock, ca } = guard;
  const connectorFor = (protocol: string, shareMs: Share): buildConnector.connector =>
    buildConnector({
      ...{ timeout: connectMsMax, allowH2: false, minVersion: "TLSv1.2", rejectUnauthorized: true },
      lookup: checkedLookup(guard, protocol),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: shareMs,
      ...(ca !== undefined && { ca }),
    });
  const connectorsFor = (protocol: string) =>
    new Map(sharesMs.map((shareMs) => [shareMs, connectorFor(protocol, shareMs)]));
  const connectors = { "http:": connectorsFor("http:"), "https:": connectorsFor("https:") };
  /**
   * Returns the connector whose share fits the time that the exchange has left after its look-up.
   */
  const connectorNow = (protocol: "http:" | "https:"): buildConnector.connector => {
    const now = clock();
    const { endsAt = now + connectMsMax, addresses = [] } = currentExchange.getStore() ?? {};
    const shareMs = connectShareMs(Math.min(endsAt - now, connectMsMax), addresses.length);
    return connectors[protocol].get(shareMs) as buildConnector.connector;
  };

  return (options, callback) => {
    const protocol = options.protocol === "https:" ? "https:" : "http:";
    const literal = literalOf(options.hostname);
    // Node does not look up a literal address, so it would bypass the checked look-up.
    if (literal !== undefined && !isPermitted(literal, protocol, policy)) {
      callback(new BlockedTarget(), null);
      return;
    }
    const startedAt = clock();
    const socket = connectorNow(protocol)(
      { ...options, hostname: literal ?? options.hostname },
      (...[error, connected]) => {
        if (!connected) {
          callback(error ?? brokenOff(), null);
          return;
        }
        // A last check of the connected address. A socket that is closed already has none.
        const { remoteAddress } = connected;
        if (remoteAddress !== undefined && isPermitted(remoteAddress, protocol, policy)) {
          callback(null, connected);
          return;
        }
        connected.destroy();
        callback(remoteAddress === undefined ? brokenOff() : new BlockedTarget(), null);
      },
    );
    recordConnect(socket, clock, startedAt);
  };
};
