import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses: those that share the first `prefixBits` bits of `network`. */
export type Cidr = { readonly network: Address; readonly prefixBits: number };

const dottedMapped = /^::ffff:([\d.]+)$/i;

/**
 * The one address that a text means, or nothing: no zone ids, no octal, hexadecimal or short IPv4.
 *
 * An IPv4-mapped address (RFC 4291, 2.5.5.2) is its IPv4 address, since that is where the packets
 * go; a socket reports it as `::ffff:192.0.2.1`. A dotted tail is read there and nowhere else:
 * ipaddr.js takes the deprecated `::192.0.2.1` for a mapped one, and leading zeros for octal.
 */
const parseAddress = (text: string): Address | undefined => {
  const dotted = dottedMapped.exec(text)?.[1] ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(dotted)) return ipaddr.IPv4.parse(dotted);
  if (!/^[0-9a-f:]+$/i.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

/**
 * Reads `10.0.0.0/8` or `fd00::/8` (RFC 4632, RFC 4291); bits after the prefix are ignored.
 * Anything else is `undefined`: an address alone, and a range of IPv4-mapped addresses, which
 * reads as one thing and would match another. Write that as the IPv4 range.
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
      if (!cidr) throw new Error(`Not a range of addresses: ${text}`);
      return cidr;
    });
    return read;
  };
};

/** Whether the address lies in one of the ranges; an IPv4-mapped one lies where its IPv4 does. */
export const isWithin = (address: string, cidrs: readonly Cidr[]): boolean => {
  const parsed = parseAddress(address);
  return cidrs.some(
    ({ network, prefixBits }) =>
      parsed?.kind() === network.kind() && parsed.match(network, prefixBits),
  );
};

/**
 * Where unicast is routed at all. Of IPv6 only 2000::/3 has ever been given out (IANA, Internet
 * Protocol Version 6 Address Space), so that everything else is refused without being named:
 * loopback, link-local, unique local, multicast, NAT64, IPv4-compatible, what is yet to come.
 */
const unicast = ranges(["0.0.0.0/0", "2000::/3"]);

/**
 * What is not for everybody inside it: the IANA Special-Purpose Address Registries (RFC 6890) for
 * IPv4 and IPv6, multicast, and one address that a cloud keeps for itself. The registries call
 * some of these globally reachable; no receiver of messages lives there.
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
 * Whether a delivery may be sent to this address: it is globally reachable unicast, or lies in a
 * range that the operator permits besides. What is not the plain spelling of an address, and what
 * carries a zone id, may not be reached.
 *
 * Forms that carry one address inside another (6to4, Teredo, NAT64 with its well-known prefixes)
 * are refused whatever they carry. A network with a NAT64 prefix of its own (RFC 6052) has to stop
 * translation to its private addresses itself; from here they look like any other.
 */
export const mayReach = (address: string, allowed: readonly Cidr[]): boolean =>
  isWithin(address, allowed) || (isWithin(address, unicast()) && !isWithin(address, special()));
