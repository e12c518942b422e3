import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { mayReach, parseCidr } from "../../domain/address.ts";
import { canonicalTarget, type TargetPolicy, targetUrlFaults } from "../../domain/target-url.ts";

type Case = {
  url: string;
  reason: string;
  expected: "allow" | "reject";
  stage: "url" | "dns" | "redirect";
  dns?: string[];
  dnsSequence?: string[][];
};

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../cases/target-urls.json", import.meta.url), "utf8"),
);

const policyOf = (http: TargetPolicy["http"], ...ranges: string[]): TargetPolicy => ({
  http,
  allowed: ranges.map(parseCidr).filter((cidr) => cidr !== undefined),
});

const open = policyOf("always");
const isFine = (raw: string, policy = open): boolean => targetUrlFaults(raw, policy).length === 0;

describe("the corpus", () => {
  test.each(cases.filter(({ stage }) => stage === "url"))(
    "$expected: $url, $reason",
    ({ url, expected }) => {
      expect(isFine(url)).toBe(expected === "allow");
    },
  );

  test.each(cases.filter(({ stage }) => stage !== "url"))(
    "what a look-up or an answer decides passes as a URL: $url, $reason",
    ({ url }) => {
      expect(targetUrlFaults(url, open)).toEqual([]);
    },
  );

  test.each(cases.filter(({ stage }) => stage === "dns"))(
    "$expected: the addresses of $url, $reason",
    ({ expected, dns = [], dnsSequence = [dns] }) => {
      const isReachable = (answer: readonly string[]): boolean =>
        answer.length > 0 && answer.every((address) => mayReach(address, []));

      expect(dnsSequence.every(isReachable)).toBe(expected === "allow");
    },
  );
});

describe("the text of a URL", () => {
  test("may have 2,048 characters, not 2,049", () => {
    const path = (length: number) => `https://example.com/${"a".repeat(length - 20)}`;

    expect(targetUrlFaults(path(2_048), open)).toEqual([]);
    expect(targetUrlFaults(path(2_049), open)).toEqual(["must be at most 2048 characters long"]);
  });

  test("counts as it is requested, percent-encoded", () => {
    expect(targetUrlFaults(`https://example.com/${"日".repeat(225)}`, open)).toEqual([]);
    expect(targetUrlFaults(`https://example.com/${"日".repeat(226)}`, open)).toEqual([
      "must be at most 2048 characters long once it is percent-encoded",
    ]);
  });

  test.each([
    ...[
      "\u0000",
      "\t",
      "\n",
      "\r",
      " ",
      "\u007f",
      "\u0085",
      "\u00a0",
      "\u00ad",
      "\u034f",
      "\u061c",
    ],
    ...["\u180e", "\u200b", "\u200d", "\u200e", "\u2028", "\u202e", "\u2060", "\u2066", "\u3000"],
    ...["\u3164", "\ue000", "\ufe0f", "\ufeff", "\uffff", "\ud800", "\u{e0041}"],
  ])("may not contain %j, wherever it stands", (character) => {
    const fault = "must not contain spaces, control characters or invisible characters";

    expect(targetUrlFaults(`https://example.com/a${character}b`, open)).toContain(fault);
    expect(targetUrlFaults(`https://exa${character}mple.com/`, open)).toContain(fault);
    expect(targetUrlFaults(`${character}https://example.com/`, open)).toContain(fault);
    expect(targetUrlFaults(`https://example.com/${character}`, open)).toContain(fault);
  });

  test.each([
    ["https://example.com/a\\b", "must not contain a backslash"],
    ["ftp://example.com/", "must begin with https:// or http:// and a host"],
    ["https:///example.com/", "must begin with https:// or http:// and a host"],
    [
      "https://me:secret@example.com/",
      "must not contain an @ before its path; send credentials in a header",
    ],
    ["https://ex%61mple.com/", "must not contain a percent sign in its host or port"],
    ["https://example.com:99999/", "must have a valid host and port"],
  ])("%s is told what is wrong with it", (raw, fault) => {
    expect(targetUrlFaults(raw, open)).toEqual([fault]);
  });

  test("is told all that is wrong with it at once", () => {
    expect(targetUrlFaults("http://a b@c\\d", open)).toHaveLength(3);
    expect(targetUrlFaults("http://redis:6379/", policyOf("never"))).toEqual([
      "must use https",
      "must not have a port that is closed to deliveries",
      "must have a host that is a public name",
    ]);
  });

  test.each([
    ["HTTPS://EXAMPLE.COM/A", "https://example.com/A"],
    ["https://example.com", "https://example.com/"],
    ["https://example.com:443/", "https://example.com/"],
    ["https://example.com:/", "https://example.com/"],
    ["https://example.com./", "https://example.com./"],
    ["https://example.com?", "https://example.com/?"],
    ["https://example.com/a/../b//c;d=1,2/", "https://example.com/b//c;d=1,2/"],
    [
      "https://m\u00fcller.example/\u00e9?q=\u00e9",
      "https://xn--mller-kva.example/%C3%A9?q=%C3%A9",
    ],
    ["https://xn--mller-kva.example/%c3%a9", "https://xn--mller-kva.example/%c3%a9"],
    ["https://a_b.x.io:8443/hook#part", "https://a_b.x.io:8443/hook"],
    ["https://8.8.8.8/", "https://8.8.8.8/"],
    ["https://[2606:4700:4700::1111]:8443/", "https://[2606:4700:4700::1111]:8443/"],
    ["https://[2606:4700:4700:0:0:0:0:1111]/", "https://[2606:4700:4700::1111]/"],
  ])("%s, which RFC 3986 and WHATWG URL allow, is requested as %s", (raw, requested) => {
    expect(targetUrlFaults(raw, open)).toEqual([]);
    expect(canonicalTarget(raw)).toBe(requested);
  });

  test("may have an @, a percent sign or a colon after the authority", () => {
    expect(isFine("https://example.com/a@b:c%20?d=@%40#@%")).toBe(true);
  });

  test("may have its scheme and host in capitals", () => {
    expect(isFine("HTTPS://EXAMPLE.COM/")).toBe(true);
  });
});

describe("a name", () => {
  test.each([
    ...["example.com.", "a.b.c.d.example.com", "xn--mnchen-3ya.example", "日本.example"],
    ...["example.xn--p1ai", "пример.рф", "1and1.com", "_dmarc.example.com", "svc.example.com"],
    ...[`${"a".repeat(63)}.example.com`, `${"a.".repeat(121)}example.com`, "locals.com"],
  ])("may be %s", (name) => {
    expect(targetUrlFaults(`https://${name}/`, open)).toEqual([]);
  });

  test.each([
    ...["example.com..", "a..example.com", ".example.com", "-a.example.com", "a-.example.com"],
    ...[`${"a".repeat(64)}.example.com`, `${"a.".repeat(120)}aa.example.com`, "a!b.example.com"],
  ])("that is malformed is refused: %s", (name) => {
    expect(targetUrlFaults(`https://${name}/`, open)).toContain(
      "must have a host that is a valid name (RFC 1035, 2.3.4)",
    );
  });

  test.each([
    ...["redis", "redis.", "a.local", "a.localdomain", "a.internal", "a.intranet", "a.private"],
    ...["a.lan", "a.home", "a.corp", "a.mail", "a.svc", "a.svc.cluster.local", "a.home.arpa"],
    ...["a.arpa", "a.onion", "a.alt", "a.invalid", "a.INTERNAL", "a.local.", "a.c0m", "a.b_c"],
  ])("that is not public is refused: %s", (name) => {
    expect(targetUrlFaults(`https://${name}/`, open)).toEqual([
      "must have a host that is a public name",
    ]);
  });
});

describe("an address", () => {
  test.each(["https://[2606:4700:0:0::1111]/", "https://[2A00::1]:8443/", "https://8.8.8.8:8443/"])(
    "a public address is accepted as the host: %s",
    (raw) => {
      expect(targetUrlFaults(raw, open)).toEqual([]);
    },
  );

  test.each(["https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"])(
    "an address that is not public is refused: %s",
    (raw) => {
      expect(targetUrlFaults(raw, open)).toEqual([
        "must not have an address that deliveries may not reach",
      ]);
    },
  );

  test.each(["8.8.2056", "0x8.8.8.8", "134744072", "8.8.8.8.", "８.8.8.8", "010.0.0.0"])(
    "a public IPv4 address in another spelling is refused: %s",
    (host) => {
      expect(targetUrlFaults(`https://${host}:8443/`, open)).toEqual([
        "must write an IPv4 address as four decimal numbers",
      ]);
    },
  );

  test("inside an allowed range may be the host", () => {
    const policy = policyOf("always", "10.0.0.0/8", "fd00::/8");

    expect(isFine("https://10.1.2.3/", policy)).toBe(true);
    expect(isFine("https://[fd00::1]/", policy)).toBe(true);
    expect(isFine("https://[::ffff:10.1.2.3]/", policy)).toBe(true);
    expect(isFine("https://192.168.0.1/", policy)).toBe(false);
  });
});

describe("localhost", () => {
  const spellings = ["localhost", "localhost.", "LOCALHOST", "api.localhost", "a.b.localhost."];

  test.each(spellings)("is refused as loopback is: %s", (name) => {
    expect(targetUrlFaults(`https://${name}:3000/`, open)).toEqual([
      "must not have an address that deliveries may not reach",
    ]);
  });

  test.each(spellings)("is accepted where loopback is allowed: %s", (name) => {
    expect(isFine(`http://${name}:3000/`, policyOf("allowed-ranges", "127.0.0.0/8"))).toBe(true);
  });

  test("is not accepted for other allowed ranges, nor is a name that only looks like it", () => {
    expect(isFine("https://localhost/", policyOf("always", "10.0.0.0/8"))).toBe(false);
    expect(isFine("https://notlocalhost/", policyOf("always", "127.0.0.0/8"))).toBe(false);
    expect(isFine("https://a$b.localhost/", policyOf("always", "127.0.0.0/8"))).toBe(false);
  });
});

describe("plain http", () => {
  test("is refused where it is never to be used, loopback or not", () => {
    const policy = policyOf("never", "127.0.0.0/8");

    expect(targetUrlFaults("http://example.com/", policy)).toEqual(["must use https"]);
    expect(isFine("http://127.0.0.1/", policy)).toBe(false);
    expect(isFine("https://127.0.0.1/", policy)).toBe(true);
  });

  test("is accepted in allowed ranges only, where that is the policy", () => {
    const policy = policyOf("allowed-ranges", "127.0.0.0/8", "fd00::/8");

    expect(isFine("http://127.0.0.1:3000/", policy)).toBe(true);
    expect(isFine("http://[fd00::1]/", policy)).toBe(true);
    expect(isFine("http://8.8.8.8/", policy)).toBe(false);
    expect(isFine("http://example.com/", policy)).toBe(false);
    expect(isFine("https://example.com/", policy)).toBe(true);
  });

  test("is accepted anywhere, where it always may be used", () => {
    expect(isFine("http://example.com/", open)).toBe(true);
  });
});

describe("a port", () => {
  // The list of the Fetch standard as undici has it, which only its `fetch` goes by.
  const { badPortsSet } = createRequire(import.meta.url)("undici/lib/web/fetch/constants.js");
  const ofOthers = [445, 3389, 1433, 1521, 3306, 5432, 6379, 9042, 9200, 11211, 27017, 5672, 9092];
  const blocked = [...badPortsSet, 0, 2375, 2379, 10250, ...ofOthers];

  test.each(blocked)("a port of another protocol is refused: %s", (port) => {
    expect(targetUrlFaults(`https://example.com:${port}/`, open)).toEqual([
      "must not have a port that is closed to deliveries",
    ]);
  });

  test("a port of another protocol is refused on allowed addresses too", () => {
    expect(isFine("http://127.0.0.1:6379/", policyOf("always", "127.0.0.0/8"))).toBe(false);
  });

  test.each([80, 443, 3000, 4000, 5000, 5173, 8000, 8080, 8443, 8888, 9000, 49152, 65535])(
    "where web servers listen is accepted: %i",
    (port) => {
      expect(isFine(`https://example.com:${port}/`)).toBe(true);
    },
  );
});

describe("canonicalTarget", () => {
  test.each([
    ["https://Example.COM", "https://example.com/"],
    ["https://example.com:443/a", "https://example.com/a"],
    ["https://münchen.example/ü?ö", "https://xn--mnchen-3ya.example/%C3%BC?%C3%B6"],
    ["https://example.com/a/../b/./c", "https://example.com/b/c"],
    ["https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"],
    ["https://example.com/a?b#c", "https://example.com/a?b"],
    ["https://example.com/a#", "https://example.com/a"],
  ])("writes %s as it is requested: %s", (raw, href) => {
    expect(canonicalTarget(raw)).toBe(href);
  });

  test("changes nothing the second time, and its result has no fault either", () => {
    const anything = fc.string({ unit: "grapheme", maxLength: 20 });
    const names = fc.oneof(
      fc.domain(),
      fc
        .tuple(fc.string({ unit: "grapheme", maxLength: 8 }), fc.domain())
        .map((it) => it.join(".")),
    );
    const urls = fc
      .tuple(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), names),
        anything,
      )
      .map(([base, rest]) => (base.includes("://") ? base + rest : `https://${base}/${rest}`));

    fc.assert(
      fc.property(fc.oneof(urls, fc.constantFrom(...cases.map(({ url }) => url))), (raw) => {
        if (!isFine(raw)) return;
        const href = canonicalTarget(raw);
        expect(canonicalTarget(href)).toBe(href);
        expect(targetUrlFaults(href, open)).toEqual([]);
        expect(href).not.toContain("#");
      }),
      { numRuns: 1_000 },
    );
  });
});
