/** A header that a sender may not set. A name ending in `*` is a prefix. */
export type ReservedHeader = {
  readonly name: string;
  /** What the sender is told: such a header … */
  readonly why: string;
  /** Where that is said, or what it was seen with. */
  readonly source: string;
};

type Sources = Readonly<Record<string, string>>;

const reserve = (why: string, sources: Sources): readonly ReservedHeader[] =>
  Object.entries(sources).map(([name, source]) => ({ name, why, source }));

/** The headers that Postrider sets on every delivery. */
const setByPostrider = reserve("is set by Postrider", {
  "webhook-*": "Standard Webhooks",
  "postrider-*": "docs/guides/receive.md",
  "user-agent": "RFC 9110, 10.1.5",
});

/** Fields of the connection, and what the HTTP client does with each: tests hold it to that. */
const ofTheConnection = [
  ...reserve("belongs to the connection: the HTTP client refuses to send it", {
    "keep-alive": "RFC 9110, 7.6.1",
    "transfer-encoding": "RFC 9112, 6.1",
    upgrade: "RFC 9110, 7.8",
    expect: "RFC 9110, 10.1.1",
  }),
  ...reserve("is set from the body: with another length the request could not be sent", {
    "content-length": "RFC 9112, 6.2",
  }),
  ...reserve("is set from targetUrl, and would name another server", { host: "RFC 9110, 7.2" }),
  ...reserve("would close the connection, which Postrider keeps, or not be sent at all", {
    connection: "RFC 9110, 7.6.1",
  }),
  // `connection` is not the sender's, so a receiver could not tell that these end at the next hop.
  ...reserve("has to be named in connection as well, which Postrider sets", {
    te: "RFC 9110, 10.1.4",
    "http2-settings": "RFC 7540, 3.2.1",
  }),
  ...reserve("would announce trailers, which no delivery has", { trailer: "RFC 9110, 6.6.2" }),
  ...reserve("is between a client and its proxy, and Postrider uses none", {
    "proxy-authenticate": "RFC 9110, 11.7.1",
    "proxy-authorization": "RFC 9110, 11.7.2",
    "proxy-connection": "RFC 9112, C.2.2",
  }),
];

const compression = reserve(
  "would ask for a compressed response, which Postrider does not decompress",
  { "accept-encoding": "RFC 9110, 12.5.3" },
);

/** A receiver may believe these from the network that Postrider runs in. */
const forwarding = [
  ...reserve("would tell the receiver that the request came from somebody else", {
    forwarded: "RFC 7239",
    "x-forwarded*": "RFC 7239, 1",
    "x-original-forwarded-for": "ingress-nginx",
    "x-real-ip": "nginx",
    "x-client-ip": "Apache httpd",
    "client-ip": "Ruby on Rails",
    "x-cluster-client-ip": "Rackspace",
    "true-client-ip": "Akamai, Cloudflare",
    "cf-connecting-ip": "Cloudflare",
    "fastly-client-ip": "Fastly",
  }),
  ...reserve("would tell the receiver that the request is for another host or path", {
    "x-host": "PortSwigger",
    "x-original-host": "Azure Application Gateway",
    "x-original-uri": "ingress-nginx",
    "x-original-url": "CVE-2018-14773",
    "x-rewrite-url": "CVE-2018-14773",
  }),
  ...reserve("lists the proxies on the way: one that finds itself there refuses the request", {
    via: "RFC 9110, 7.6.3",
    "cdn-loop": "RFC 8586",
  }),
  ...reserve("would give orders to a proxy, which obeys them from inside its network", {
    "x-envoy-*": "Envoy",
  }),
  ...reserve("is taken by CGI programs for the address of a proxy", { proxy: "CVE-2016-5385" }),
];

const method = reserve("would change the method; use the member method", {
  "x-http-method": "OData",
  "x-http-method-override": "Google Data APIs",
  "x-method-override": "IBM",
  "x-original-method": "ingress-nginx",
});

/** These services answer only requests with their header: a second guard besides addresses. */
const cloud = [
  ...reserve("opens the metadata service of a cloud", {
    metadata: "Azure",
    "metadata-flavor": "Google Cloud, IBM Cloud",
    "x-google-metadata-request": "Google Cloud",
    "x-aws-ec2-metadata-*": "AWS",
    "x-aliyun-ecs-metadata-*": "Alibaba Cloud",
  }),
  ...reserve("opens the extensions API inside a Lambda function", { "lambda-extension-*": "AWS" }),
  // Each request is to be signed with them too (Signature Version 4), at the time of its attempt.
  ...reserve("carries temporary AWS credentials, which may end before the last attempt", {
    "x-amz-security-token": "AWS STS",
    "x-amz-s3session-token": "Amazon S3 Express",
  }),
];

const unusable = reserve("cannot be stored: programs take the name for an object's prototype", {
  // A computed member; as a plain one it would be the prototype here as well.
  ["__proto__"]: "ECMA-262, 20.1.3.8",
});

/** Every header that a sender may not set, each with its reason. */
export const reservedHeaders: readonly ReservedHeader[] = [
  ...ofTheConnection,
  ...setByPostrider,
  ...compression,
  ...forwarding,
  ...method,
  ...cloud,
  ...unusable,
];
