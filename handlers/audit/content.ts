import type { Vault } from "../../adapters/vault.ts";
import type { AuditFacts } from "../../domain/audit-rule.ts";
import { fingerprintKeyId } from "../../domain/fingerprint.ts";
import { isSecretHeader } from "../../domain/header-rules.ts";
import { fingerprintMac, openHeaders } from "../secret-headers.ts";

/**
 * Returns a reader of a message's headers and body for the check of its fingerprint. It decrypts
 * secret headers; without a vault a message with secret headers cannot be checked. The content is
 * not passed on.
 */
export const contentWith =
  (vault: Vault | undefined): AuditFacts["contentOf"] =>
  (message, { headers, body }) => {
    const isSealed = Object.keys(headers ?? {}).some(isSecretHeader);
    if (isSealed && !vault) return { kind: "sealed" };
    if (!vault) return { kind: "read", headers, body };
    const mac = fingerprintMac(vault);
    try {
      // Throws if the key of the fingerprint is missing, as decrypting a header does.
      mac("", fingerprintKeyId(message.fingerprint));
      return { kind: "read", headers: openHeaders(vault, message, headers), body, mac };
    } catch {
      return { kind: "unreadable" };
    }
  };
