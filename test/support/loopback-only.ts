import { BlockList, isIP, type LookupFunction, Socket } from "node:net";

/*
 * No test ever opens a socket to an address that is not on this machine, whatever the code under
 * test would do. Jest loads this before each file; a connection elsewhere fails at once, and loudly.
 */
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const isHere = (address: string): boolean =>
  isIP(address) !== 0 && loopback.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");

type Options = { host?: string; path?: string | null; lookup?: LookupFunction };

const refuse = (where: string): never => {
  throw new Error(`A test was about to connect to ${where}`);
};

/** Looks up as it was told to, but nothing that comes of it leads away from this machine. */
const onlyHere =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      const away = error ? undefined : addresses.find((address) => !isHere(address));
      if (away === undefined) callback(error, found, family);
      else callback(new Error(`A test was about to connect to ${away}`), "");
    });

const isGuarded = Symbol.for("postrider.loopback-only");
const prototype = Socket.prototype as unknown as Record<string | symbol, unknown>;

if (prototype[isGuarded] !== true) {
  const connect = prototype["connect"] as (...given: unknown[]) => unknown;
  prototype[isGuarded] = true;
  prototype["connect"] = function (this: Socket, ...given: unknown[]): unknown {
    const first = Array.isArray(given[0]) ? (given[0][0] as unknown) : given[0];
    if (typeof first === "object" && first !== null) {
      const options = first as Options;
      const { host = "localhost", path, lookup } = options;
      const isName = isIP(host) === 0;
      // A path is that of a Unix socket; the agents of node:http say null where there is none.
      if (!path && !isName && !isHere(host)) refuse(host);
      if (!path && isName && host !== "localhost") {
        if (lookup === undefined) refuse(host);
        else options.lookup = onlyHere(lookup);
      }
    } else if (typeof given[1] === "string" && !isHere(given[1]) && given[1] !== "localhost") {
      refuse(given[1]);
    }
    return connect.apply(this, given);
  };
}
