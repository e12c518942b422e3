import { isIP } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { isWithin, mayReach, parseCidr } from "../../domain/address.ts";

const range = (text: string) => {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`Not a range: ${text}`);
  return cidr;
};

/** Any address inside a range: its first bits, and chance for the rest. */
const addressIn = (text: string): fc.Arbitrary<string> => {
  const { network, prefixBits } = range(text);
  const bytes = network.toByteArray();
  return fc.uint8Array({ minLength: bytes.length, maxLength: bytes.length }).map((random) => {
    const mixed = bytes.map((byte, index) => {
      const free = 0xff >> Math.min(8, Math.max(0, prefixBits - 8 * index));
      return (byte & ~free & 0xff) | ((random[index] ?? 0) & free);
    });
    return ipaddr.fromByteArray(mixed).toString();
  });
};

/** The ways to write an IPv4 address as an IPv4-mapped one. */
const mappedSpellings = (ipv4: string): string[] => [
  `::ffff:${ipv4}`,
  ipaddr.IPv4.parse(ipv4).toIPv4MappedAddress().toString(),
  ipaddr.IPv4.parse(ipv4).toIPv4MappedAddress().toNormalizedString().toUpperCase(),
];

const forbiddenIpv4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"],
];

const forbiddenIpv6 = [
  ...["::/128", "::1/128", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"],
  ...["100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:2::/48", "2001:3::/32"],
  ...["2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32"],
  ...["2002::/16", "2620:4f:8000::/48", "3fff::/20", "4000::/2", "5f00::/16", "8000::/1"],
  ...["200::/7", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];

describe("with no range allowed", () => {
  test.each([...forbiddenIpv4, ...forbiddenIpv6])("no address in %s may be reached", (text) => {
    fc.assert(
      fc.property(addressIn(text), (address) => {
        expect([address, mayReach(address, [])]).toEqual([address, false]);
      }),
    );
  });

  test.each(forbiddenIpv4)("nor may one in %s that is wrapped in IPv6", (text) => {
    fc.assert(
      fc.property(addressIn(text), (address) => {
        const hex = ipaddr.IPv4.parse(address).toIPv4MappedAddress().toString().slice(7);
        const wrapped = [
          ...mappedSpellings(address),
          ...[`::${address}`, `::${hex}`, `::ffff:0:${hex}`],
          ...[`64:ff9b::${address}`, `64:ff9b::${hex}`, `64:ff9b:1::${hex}`],
          ...[`2002:${hex}::1`, `2001:0:${hex}::1`],
        ];
        expect(wrapped.filter((one) => mayReach(one, []))).toEqual([]);
      }),
    );
  });

  test("a wrapped public address is refused too, but for the IPv4-mapped form", () => {
    const wrapped = ["::8.8.8.8", "::808:808", "64:ff9b::808:808", "2002:808:808::1"];

    expect(wrapped.filter((one) => mayReach(one, []))).toEqual([]);
    expect(mappedSpellings("8.8.8.8").map((one) => mayReach(one, []))).toEqual([true, true, true]);
  });

  test.each([
    ...["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
    ...["128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0"],
    ...["172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.31.195.255", "192.52.192.0"],
    ...["192.88.98.255", "192.167.255.255", "192.169.0.0", "192.175.49.0", "198.17.255.255"],
    ...["198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255"],
    ...[
      "2001:200::",
      "2001:db7:ffff::1",
      "2001:db9::",
      "2001:ffff::1",
      "2003::",
      "2606:4700::1111",
    ],
    ...["2620:4f:7fff::1", "2620:4f:8001::", "3ffe::1", "3fff:1000::"],
  ])("%s, just outside the special ranges, may be reached", (address) => {
    expect(mayReach(address, [])).toBe(true);
  });

  test("whatever ipaddr.js knows to be special may not be reached", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const parsed = ipaddr.process(address);
        if (parsed.range() !== "unicast") expect(mayReach(address, [])).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a text that is not the plain spelling of one address", () => {
  test.each([
    ...["", " 8.8.8.8", "8.8.8.8 ", "8.8.8.8.", "8.8.8", "8.8.2056", "134744072", "0x8.8.8.8"],
    ...["010.8.8.8", "8.8.8.08", "8.8.8.256", "8.8.8.8:80", "8.8.8.8/32", "example.com"],
    ...["[2606:4700::1111]", "2606:4700::1111%eth0", "2606:4700::1111%1", "fe80::1%lo0"],
    ...["2606:4700::1::1", "2606:4700:::1", "2606:4700::11111", "2606:4700:1:2:3:4:5:6:7"],
    ...["::ffff:010.8.8.8", "::ffff:0x8.8.8.8", "::ffff:8.8.8.8%lo", "2606:4700::8.8.8.8"],
  ])("may not be reached, even if everything is allowed: %j", (text) => {
    expect(mayReach(text, [range("0.0.0.0/0"), range("::/0")])).toBe(false);
  });

  test("is what Node's own parser does not take for one", () => {
    const texts = fc.stringMatching(/^[0-9a-f:.%x]{1,40}$/);

    fc.assert(
      fc.property(fc.oneof(texts, fc.ipV6(), fc.ipV4Extended()), (text) => {
        if (isIP(text) === 0) expect(mayReach(text, [range("::/0")])).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("an allowed range", () => {
  const loopback = range("127.0.0.0/8");

  test("permits what is inside it and nothing else that is special", () => {
    expect(mayReach("127.0.0.1", [loopback])).toBe(true);
    expect(mayReach("127.255.255.255", [loopback])).toBe(true);
    expect(mayReach("10.0.0.1", [loopback])).toBe(false);
    expect(mayReach("::1", [loopback])).toBe(false);
  });

  test("leaves everything public within reach", () => {
    expect(mayReach("8.8.8.8", [loopback])).toBe(true);
    expect(mayReach("2606:4700::1111", [loopback])).toBe(true);
  });

  test("an IPv4 range covers the IPv4-mapped forms of its addresses", () => {
    const reached = mappedSpellings("127.0.0.1").map((one) => mayReach(one, [loopback]));

    expect(reached).toEqual([true, true, true]);
  });

  test("an IPv6 range never covers IPv4 addresses", () => {
    expect(mayReach("10.0.0.1", [range("::/0")])).toBe(false);
    expect(mayReach("::ffff:10.0.0.1", [range("::/0")])).toBe(false);
  });

  test("is one of several", () => {
    const allowed = [loopback, range("fd00::/8")];

    expect(["127.0.0.1", "fd00::1", "fc00::1"].map((one) => isWithin(one, allowed))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("parseCidr", () => {
  test.each([
    ["10.0.0.0/8", "10.255.255.255", "11.0.0.0"],
    ["10.1.2.3/8", "10.255.255.255", "11.0.0.0"],
    ["192.168.1.7/32", "192.168.1.7", "192.168.1.8"],
    ["172.16.0.0/12", "172.31.255.255", "172.32.0.0"],
    ["fd00::/8", "fdff::1", "fe00::1"],
    ["FD00::1/64", "fd00::ffff", "fd00:0:0:1::1"],
    ["::1/128", "::1", "::2"],
  ])("reads %s: %s is inside, %s is not", (text, inside, outside) => {
    expect(isWithin(inside, [range(text)])).toBe(true);
    expect(isWithin(outside, [range(text)])).toBe(false);
  });

  test.each([
    ...["", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08"],
    ...["10.0.0.0/8/8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8.0", "10.0.0.0/255.0.0.0"],
    ...["10/8", "10.0.0/24", "010.0.0.0/8", "0xa.0.0.0/8", "10.0.0.256/8", "example.com/8"],
    ...["::1", "::/129", "::1%lo/128", "[::1]/128", "1::2::3/64", "localhost/8"],
    ...["::ffff:10.0.0.0/104", "::ffff:10.0.0.0/8", "::ffff:a00:0/24", "::10.0.0.0/104"],
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});
