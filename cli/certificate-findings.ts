import type { Certificate } from "../adapters/certificate.ts";
import type { Finding } from "./finding.ts";

const dayMs = 86_400_000;
/** Renewed certificates are there a month before the end as a rule. */
const soonDays = 14;

type Fault = { readonly what: string; readonly todo: string };

/** The faults that are met most, by the code of OpenSSL or Node. */
const faults: Readonly<Record<string, Fault>> = {
  CERT_HAS_EXPIRED: { what: "has expired", todo: "Renew it." },
  CERT_NOT_YET_VALID: { what: "is not valid yet", todo: "Check the clocks of both machines." },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    what: "is self-signed",
    todo: "Use one of a public authority, such as Let's Encrypt.",
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    what: "is not from a public authority",
    todo: "Use one of a public authority, such as Let's Encrypt.",
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    what: "comes without the certificate of its authority",
    todo: "Have the server send the whole chain (fullchain.pem). Browsers fetch what is missing, Postrider does not.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "is for another name",
    todo: "Use a name that it covers, or add this one to it.",
  },
};

const faultOf = (code: string): Fault =>
  faults[code.replace("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE")] ?? {
    what: `is not trusted (${code})`,
    todo: "Use one of a public authority, such as Let's Encrypt.",
  };

/** Says what is to be said of a certificate: whether it is trusted, and how long it lasts. */
export const certificateFinding = (certificate: Certificate, now: number): Finding => {
  const { subject, issuer, expiresAt, protocol, fault } = certificate;
  const named = `${subject}, by ${issuer}, ${protocol}`;
  if (fault !== undefined) {
    const { what, todo } = faultOf(fault);
    return { level: "broken", about: "tls", what: `The certificate ${what} (${named}).`, todo };
  }
  const days = Math.floor((expiresAt - now) / dayMs);
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const what = `The certificate is trusted and expires in ${days} days, on ${day} (${named}).`;
  return days < soonDays
    ? {
        level: "attention",
        about: "tls",
        what,
        todo: "Renew it, and see why that did not happen by itself.",
      }
    : { level: "ok", about: "tls", what };
};
