import { type Cidr, isWithin, mayReach } from "./address.ts";
import { limits } from "./limits.ts";

/**
 * The targets that an operator allows besides public https ones: `allowed` address ranges, and
 * plain `http` never, always, or only for literal addresses (and localhost) in `allowed`.
 */
export type TargetPolicy = {
  readonly allowed: readonly Cidr[];
  readonly http: "never" | "allowed-ranges" | "always";
};

const { targetUrlCharsMax } = limits;

/**
 * Top-level labels that are not public: the Special-Use Domain Names (IANA; RFC 6761, 6762 with
 * appendix G, 7686, 8375, 9476), ICANN's .internal (2024) and its name collisions, Kubernetes'
 * .svc. Names of metadata services end in these too. One under a public label is refused by its
 * address when a connection is made.
 */
const specialTops = new Set([
  ...["local", "localdomain", "internal", "intranet", "private", "lan", "home", "corp", "mail"],
  ...["svc", "arpa", "onion", "alt", "invalid"],
]);

/** Ports of other protocols than HTTP, and of services that are never public. */
const blockedPorts = new Set([
  // Fetch standard, "Port blocking".
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95],
  ...[101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179],
  ...[389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601],
  ...[636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  // File shares and remote desktops.
  ...[445, 873, 3389, 5900],
  // Databases, caches and search: MS SQL, Oracle, MySQL, PostgreSQL, CouchDB, Redis, Cassandra,
  // Elasticsearch, memcached, MongoDB.
  ...[1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 9300, 11211, 27017, 27018, 27019],
  // Queues and coordination: MQTT, ZooKeeper, etcd, EPMD, AMQP, Kafka.
  ...[1883, 2181, 2379, 2380, 4369, 5672, 9092],
  // Docker and the kubelet.
  ...[2375, 2376, 10250],
]);

/**
 * Control, format, unassigned, space and invisible characters. WHATWG URL drops tabs and newlines
 * and trims spaces, IDNA drops soft hyphens and similar: the URL requested would not be the URL
 * that a person reads.
 */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** A rule: the text for the sender, and the check that reports it. */
type Rule<Subject> = { readonly fault: string; readonly broken: (subject: Subject) => boolean };

const faultsOf = <Subject>(rules: readonly Rule<Subject>[], subject: Subject): readonly string[] =>
  rules.filter(({ broken }) => broken(subject)).map(({ fault }) => fault);

/** Returns the authority of a URL as written (RFC 3986, 3.2). */
const authorityOf = (raw: string): string => /^https?:\/\/([^/?#]*)/i.exec(raw)?.[1] ?? "";

/** Checked on the raw text, because a URL parser would change it. */
const textRules: readonly Rule<string>[] = [
  {
    fault: `must be at most ${targetUrlCharsMax} characters long`,
    broken: (raw) => raw.length > targetUrlCharsMax,
  },
  {
    fault: "must not contain spaces, control characters or invisible characters",
    broken: (raw) => unseen.test(raw),
  },
  { fault: "must not contain a backslash", broken: (raw) => raw.includes("\\") },
  {
    fault: "must begin with https:// or http:// and a host",
    broken: (raw) => authorityOf(raw) === "",
  },
  {
    fault: "must not contain an @ before its path; send credentials in a header",
    broken: (raw) => authorityOf(raw).includes("@"),
  },
  {
    fault: "must not contain a percent sign in its host or port",
    broken: (raw) => authorityOf(raw).includes("%"),
  },
];

/** A URL that passed the rules for its text: as written, and as parsed by WHATWG URL. */
type Target = { readonly raw: string; readonly url: URL; readonly policy: TargetPolicy };

/** WHATWG URL has normalized numbers: a host of digits and dots is an IPv4 address. */
const isIpv4 = ({ hostname }: URL): boolean => /^[\d.]+$/.test(hostname);

/** Returns the literal address of a host, without the brackets of IPv6. */
const literalOf = (url: URL): string | undefined =>
  isIpv4(url) ? url.hostname : /^\[(.*)\]$/.exec(url.hostname)?.[1];

/** Returns the address of a host that needs no look-up. localhost is loopback (RFC 6761, 6.3). */
const addressOf = (url: URL): string | undefined =>
  literalOf(url) ?? (/(^|\.)localhost\.?$/.test(url.hostname) ? "127.0.0.1" : undefined);

/** Returns the labels of a name, without the root dot. */
const labelsOf = ({ hostname }: URL): readonly string[] => hostname.replace(/\.$/, "").split(".");

const isPlainHttpPermitted = ({ url, policy }: Target): boolean => {
  const address = addressOf(url);
  if (policy.http !== "allowed-ranges") return policy.http === "always";
  return address !== undefined && isWithin(address, policy.allowed);
};

const targetRules: readonly Rule<Target>[] = [
  {
    fault: `must be at most ${targetUrlCharsMax} characters long once it is percent-encoded`,
    broken: ({ raw }) => canonicalTarget(raw).length > targetUrlCharsMax,
  },
  {
    fault: "must use https",
    broken: (target) => target.url.protocol === "http:" && !isPlainHttpPermitted(target),
  },
  {
    fault: "must not have a port that is closed to deliveries",
    broken: ({ url }) => url.port !== "" && blockedPorts.has(Number(url.port)),
  },
  {
    // 010.8.8.8 is 8.8.8.8 to one parser and 10.8.8.8 to the next.
    fault: "must write an IPv4 address as four decimal numbers",
    broken: ({ raw, url }) => isIpv4(url) && authorityOf(raw).replace(/:\d*$/, "") !== url.hostname,
  },
  {
    fault: "must not have an address that deliveries may not reach",
    broken: ({ url, policy }) => {
      const address = addressOf(url);
      return address !== undefined && !mayReach(address, policy.allowed);
    },
  },
  {
    // Underscores are common in practice, although RFC 952 forbids them.
    fault: "must have a host that is a valid name (RFC 1035, 2.3.4)",
    broken: ({ url }) =>
      literalOf(url) === undefined &&
      (labelsOf(url).join(".").length > 253 ||
        labelsOf(url).some((label) => !/^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))),
  },
  {
    fault: "must have a host that is a public name",
    broken: ({ url }) => {
      const labels = labelsOf(url);
      const top = labels.at(-1) ?? "";
      const isPublic = labels.length >= 2 && /^([a-z]+|xn--.+)$/.test(top) && !specialTops.has(top);
      return addressOf(url) === undefined && !isPublic;
    },
  },
];

/**
 * Returns every fault of a submitted `targetUrl`, each as a text for the sender. Faults of the raw
 * text are returned alone: a parser would read something else than the sender wrote.
 *
 * Looks up no name, so a name may pass and its address be refused when a connection is made.
 * `localhost` and names below it count as 127.0.0.1, so they pass where the operator allows loopback.
 * A fragment is allowed: `canonicalTarget` removes it.
 */
export const targetUrlFaults = (raw: string, policy: TargetPolicy): readonly string[] => {
  const faults = faultsOf(textRules, raw);
  if (faults.length > 0) return faults;
  if (!URL.canParse(raw)) return ["must have a valid host and port"];

  return faultsOf(targetRules, { raw, url: new URL(raw), policy });
};

/**
 * Returns the URL to request for a `raw` without faults: normalized by WHATWG URL (lower case,
 * punycode) and without the fragment, which clients never send (RFC 9110, 7.1).
 */
export const canonicalTarget = (raw: string): string => {
  const url = new URL(raw);
  url.hash = "";
  return url.href;
};
