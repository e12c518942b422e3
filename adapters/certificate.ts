import { once } from "node:events";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { TargetPolicy } from "../domain/target-url.ts";
import { permittedAddresses, type Resolve, systemResolve } from "./target-lookup.ts";
import { within } from "./within.ts";

/** The certificate that a server shows. Names are the server's text. */
export type Certificate = {
  readonly subject: string;
  readonly issuer: string;
  readonly expiresAt: number;
  /** The version of TLS, such as `TLSv1.3`. */
  readonly protocol: string;
  /** Why it is not trusted: a code of OpenSSL or Node, such as `CERT_HAS_EXPIRED`. */
  readonly fault?: string;
};

/** Returns the common name, or else the organisation, of a distinguished name. */
const nameOf = (distinguished: string): string =>
  (/^CN=(.+)$/m.exec(distinguished) ?? /^O=(.+)$/m.exec(distinguished))?.[1] ?? "unnamed";

const certificateOf = (socket: TLSSocket): Certificate | undefined => {
  const x509 = socket.getPeerX509Certificate();
  if (!x509) return undefined;
  const { subject, issuer, subjectAltName = "" } = x509;
  const [, altName] = /^(?:DNS|IP Address):([^,]+)/.exec(subjectAltName) ?? [];
  return {
    // A certificate of today often has no common name.
    subject: subject ? nameOf(subject) : (altName ?? "unnamed"),
    issuer: nameOf(issuer ?? ""),
    expiresAt: x509.validToDate.getTime(),
    protocol: socket.getProtocol() ?? "",
    ...(socket.authorized ? {} : { fault: String(socket.authorizationError) }),
  };
};

/**
 * Returns the certificate of the server of a URL, also one that is not trusted, and says why it is
 * not; `undefined` if no secure connection can be made within the deadline, or the policy forbids the
 * address. Sends nothing over the connection.
 */
export const certificateAt = async (
  {
    policy,
    resolve = systemResolve,
    ca,
  }: {
    readonly policy: TargetPolicy;
    readonly resolve?: Resolve;
    /** Certificate authorities to trust in place of Node's, in PEM. */
    readonly ca?: string;
  },
  url: string,
  deadlineMs: number,
): Promise<Certificate | undefined> => {
  const { hostname, port } = new URL(url);
  const signal = AbortSignal.timeout(deadlineMs);
  let socket: TLSSocket | undefined;
  try {
    const [host] = await within(signal, permittedAddresses({ policy, resolve }, url, signal));
    const name = hostname.replace(/^\[|\]$/g, "");
    socket = connect({
      ...{ host, port: Number(port || 443), minVersion: "TLSv1.2" },
      ...(isIP(name) === 0 && { servername: name }),
      ...(ca !== undefined && { ca }),
      // Whatever is wrong with it is to be told. Nothing is sent, and nothing that comes is read.
      rejectUnauthorized: false,
    });
    await once(socket, "secureConnect", { signal });
    return certificateOf(socket);
  } catch {
    return undefined;
  } finally {
    socket?.on("error", () => {}).destroy();
  }
};
