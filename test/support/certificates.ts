import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/*
 * X.509 certificates for tests (RFC 5280), made when they are needed, so that none of them ever
 * expires in the repository and no tool is asked for: node:crypto has keys and signatures, and
 * the rest is a little DER (ITU-T X.690).
 */
const lengthOf = (bytes: number): readonly number[] => {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
};

const der = (tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(content.length)]), content]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const octets = (content: Uint8Array): Buffer => der(0x04, content);
const bits = (content: Uint8Array): Buffer => der(0x03, [0], content);
const yes = der(0x01, [0xff]);

const oids = {
  commonName: der(0x06, [0x55, 0x04, 0x03]),
  subjectAltName: der(0x06, [0x55, 0x1d, 0x11]),
  basicConstraints: der(0x06, [0x55, 0x1d, 0x13]),
  ecdsaWithSha256: der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
};

const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oids.commonName, der(0x0c, Buffer.from(commonName)))));

/** GeneralizedTime, in whole seconds. */
const timeOf = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/\.\d+|[-:T]/g, "")}`));

const altNames = (hosts: readonly string[]): Buffer =>
  sequence(
    ...hosts.map((host) =>
      /^[\d.]+$/.test(host) ? der(0x87, host.split(".").map(Number)) : der(0x82, Buffer.from(host)),
    ),
  );

const dayMs = 86_400_000;

/** A certificate with its key, and both in PEM. */
export type Certified = {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly cert: string;
  readonly key: string;
};

/** A certificate for a server of these hosts, or an authority if there are none. */
export const certify = ({
  name,
  hosts = [],
  issuer,
  notAfter = Date.now() + dayMs,
  notBefore = notAfter - 2 * dayMs,
}: {
  readonly name: string;
  readonly hosts?: readonly string[];
  /** Who signs; without one it signs itself. */
  readonly issuer?: Certified;
  readonly notAfter?: number;
  readonly notBefore?: number;
}): Certified => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extension =
    hosts.length > 0
      ? sequence(oids.subjectAltName, octets(altNames(hosts)))
      : sequence(oids.basicConstraints, yes, octets(sequence(yes)));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [1], randomBytes(15)),
    sequence(oids.ecdsaWithSha256),
    nameOf(issuer?.name ?? name),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = sign("sha256", toBeSigned, issuer?.privateKey ?? privateKey);
  const whole = sequence(toBeSigned, sequence(oids.ecdsaWithSha256), bits(signature));
  const lines = whole.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    name,
    privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
};
