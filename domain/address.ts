import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses: those that share the first `prefixBits` bits of `network`. */
export type Cidr = { readonly network: Address; readonly prefixBits: number };

const dottedMapped = /^::ffff:([\d.]+)$/i;

/**
 * Parses an address. Returns `undefined` for zone ids and for octal, hexadecimal or short IPv4.
 *
 * Returns the IPv4 address of an IPv4-mapped one (RFC 4291, 2.5.5.2): that is where its packets go,
 * and sockets report it as `::ffff:192.0.2.1`. A dotted tail is accepted in that form only: ipaddr.js
 * also accepts the deprecated `::192.0.2.1` as mapped, and reads leading zeros as octal.
 */
const parseAddress = (text: string): Address | undefined => {
  const dotted = dottedMapped.exec(text)?.[1] ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(dotted)) return ipaddr.IPv4.parse(dotted);
  if (!/^[0-9a-f:]+$/i.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

/**
 * Parses a range such as `10.0.0.0/8` or `fd00::/8` (RFC 4632, RFC 4291) and ignores the bits after
 * the prefix. Returns `undefined` for anything else: an address without a prefix, and a range of
 * IPv4-mapped addresses, which must be written as the IPv4 range that it matches.
 */
export const parseCidr = (text: string): Cidr | undefined => {
  const [, networkText = "", bitsText = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const network = parseAddress(networkText);
  const prefixBits = Number(bitsText);
  if (!network || prefixBits > (networkText.includes(":") ? 128 : 32)) return undefined;
  if (network.kind() === "ipv4" && networkText.includes(":")) return undefined;
  return { network, prefixBits };
};

/** Reads ranges when they are first asked for: a start on Lambda has no time for them. */
const ranges = (texts: readonly string[]): (() => readonly Cidr[]) => {
  let read: readonly Cidr[] | undefined;
  return () => {
    read ??= texts.map((text) => {
      const cidr = parseCidr(text);
      if (!cidr) throw new Error(`Not a valid CIDR range: ${text}`);
      return cidr;
    });
    return read;
  };
};

/** Tells whether an address is in one of the ranges. An IPv4-mapped one is compared as IPv4. */
export const isWithin = (address: string, cidrs: readonly Cidr[]): boolean => {
  const parsed = parseAddress(address);
  return cidrs.some(
    ({ network, prefixBits }) =>
      parsed?.kind() === network.kind() && parsed.match(network, prefixBits),
  );
};

/**
 * Globally routed unicast. Of IPv6 only 2000::/3 is allocated (IANA, Internet Protocol Version 6
 * Address Space). This excludes loopback, link-local, unique local, multicast, NAT64,
 * IPv4-compatible and future ranges without a list of them.
 */
const unicast = ranges(["0.0.0.0/0", "2000::/3"]);

/**
 * Forbidden ranges within `unicast`: the IANA Special-Purpose Address Registries (RFC 6890) for IPv4
 * and IPv6, multicast, and one address of a cloud's metadata service. The registries call some of
 * them globally reachable, but no receiver has such an address.
 */
const special = ranges([
  "0.0.0.0/8", // this host on this network (RFC 791); Linux takes it for loopback
  "10.0.0.0/8", // private use (RFC 1918)
  "100.64.0.0/10", // shared by carriers (RFC 6598)
  "127.0.0.0/8", // loopback (RFC 1122)
  "168.63.129.16/32", // Azure's WireServer: public by number, private by use
  "169.254.0.0/16", // link-local (RFC 3927), where clouds put metadata and credentials
  "172.16.0.0/12", // private use (RFC 1918)
  "192.0.0.0/24", // IETF protocol assignments (RFC 6890)
  "192.0.2.0/24", // documentation (RFC 5737)
  "192.31.196.0/24", // AS112 (RFC 7535)
  "192.52.193.0/24", // AMT relays (RFC 7450)
  "192.88.99.0/24", // 6to4 relays (RFC 7526)
  "192.168.0.0/16", // private use (RFC 1918)
  "192.175.48.0/24", // AS112 (RFC 7534)
  "198.18.0.0/15", // benchmarks (RFC 2544)
  "198.51.100.0/24", // documentation (RFC 5737)
  "203.0.113.0/24", // documentation (RFC 5737)
  "224.0.0.0/4", // multicast (RFC 5771)
  "240.0.0.0/4", // reserved (RFC 1112), and broadcast
  "2001::/23", // IETF protocol assignments (RFC 2928): Teredo, ORCHID, benchmarks and more
  "2001:db8::/32", // documentation (RFC 3849)
  "2002::/16", // 6to4 (RFC 3056), which wraps any IPv4 address
  "2620:4f:8000::/48", // AS112 (RFC 7534)
  "3fff::/20", // documentation (RFC 9637)
]);

/**
 * Tells whether deliveries may connect to an address: globally reachable unicast, or in a range that
 * the operator allows. Returns false for a text that is not a plain address, or has a zone id.
 *
 * Forms that embed another address (6to4, Teredo, NAT64 with its well-known prefixes) are always
 * forbidden. A network with its own NAT64 prefix (RFC 6052) must block translation to its private
 * addresses itself: they cannot be recognized here.
 */
export const mayReach = (address: string, allowed: readonly Cidr[]): boolean =>
  isWithin(address, allowed) || (isWithin(address, unicast()) && !isWithin(address, special()));
