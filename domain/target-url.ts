import { type Cidr, isWithin, mayReach } from "./address.ts";
import { limits } from "./limits.ts";

/**
 * What an operator permits besides public https targets: `allowed` ranges of addresses, and plain
 * `http`, which is either never to be used, or only for literal addresses (and localhost) inside
 * `allowed`, or always.
 */
export type TargetPolicy = {
  readonly allowed: readonly Cidr[];
  readonly http: "never" | "allowed-ranges" | "always";
};

const { targetUrlCharsMax } = limits;

/**
 * Top labels that mean nothing, or something else, outside one machine, network or cluster: the
 * Special-Use Domain Names (IANA; RFC 6761, 6762 with appendix G, 7686, 8375, 9476), ICANN's
 * .internal (2024) and its name collisions, Kubernetes' .svc. The names of metadata services end
 * in these too; one under a public label is found out by its address, when a connection is made.
 */
const specialTops = new Set([
  ...["local", "localdomain", "internal", "intranet", "private", "lan", "home", "corp", "mail"],
  ...["svc", "arpa", "onion", "alt", "invalid"],
]);

/** Ports where a request could speak to something else than HTTP, or to what is never public. */
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
 * and trims spaces, IDNA drops soft hyphens and their like: what is requested would not be what
 * is read.
 */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** One rule: what to tell the sender, and when. */
type Rule<Subject> = { readonly fault: string; readonly broken: (subject: Subject) => boolean };

const faultsOf = <Subject>(rules: readonly Rule<Subject>[], subject: Subject): readonly string[] =>
  rules.filter(({ broken }) => broken(subject)).map(({ fault }) => fault);

/** What stands between the slashes and the path, as written (RFC 3986, 3.2). */
const authorityOf = (raw: string): string => /^https?:\/\/([^/?#]*)/i.exec(raw)?.[1] ?? "";

/** Judged on the text, before a parser makes something else of it. */
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

/** A URL that is clean as a text: what was written, and what WHATWG URL makes of it. */
type Target = { readonly raw: string; readonly url: URL; readonly policy: TargetPolicy };

/** WHATWG URL has read every number before; a host of digits and dots is an IPv4 address. */
const isIpv4 = ({ hostname }: URL): boolean => /^[\d.]+$/.test(hostname);

/** The address that a host spells out, without the brackets that IPv6 has in a URL. */
const literalOf = (url: URL): string | undefined =>
  isIpv4(url) ? url.hostname : /^\[(.*)\]$/.exec(url.hostname)?.[1];

/** The address that a host stands for without a look-up; localhost is loopback (RFC 6761, 6.3). */
const addressOf = (url: URL): string | undefined =>
  literalOf(url) ?? (/(^|\.)localhost\.?$/.test(url.hostname) ? "127.0.0.1" : undefined);

/** The labels of a name; one dot at the end only says that the name is complete. */
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
    // Underscores are in use, whatever RFC 952 says.
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
 * Everything that is wrong with a `targetUrl` as submitted, one sentence for the sender each;
 * empty if it may be stored. If the text itself is at fault nothing more is said, for what a
 * parser then reads is not what the sender wrote.
 *
 * Nothing is looked up: a name that passes may still lead to an address which is refused when a
 * connection is made. `localhost` and names below it are judged as 127.0.0.1, so they are fine
 * where the operator allows loopback. A fragment is no fault (see `canonicalTarget`).
 */
export const targetUrlFaults = (raw: string, policy: TargetPolicy): readonly string[] => {
  const faults = faultsOf(textRules, raw);
  if (faults.length > 0) return faults;
  if (!URL.canParse(raw)) return ["must have a host and a port that can be read"];

  return faultsOf(targetRules, { raw, url: new URL(raw), policy });
};

/**
 * The URL that is requested, for a `raw` without faults: WHATWG URL's spelling, in which names are
 * in lower case and punycode, without the fragment. A fragment is the client's own and is never
 * sent (RFC 9110, 7.1), so one that was pasted along is left off as every client does.
 */
export const canonicalTarget = (raw: string): string => {
  const url = new URL(raw);
  url.hash = "";
  return url.href;
};
