import type { Vault } from "../../adapters/vault.ts";
import type { AuditFacts } from "../../domain/audit-rule.ts";
import { fingerprintKeyId } from "../../domain/fingerprint.ts";
import { isSecretHeader } from "../../domain/header-rules.ts";
import { fingerprintMac, openHeaders } from "../secret-headers.ts";

/**
 * Reads what a message has to send, for its fingerprint is over what was given: secret headers are
 * opened. Without a vault a message that has some cannot be checked. Nothing of it leaves this.
 */
export const contentWith =
  (vault: Vault | undefined): AuditFacts["contentOf"] =>
  (message, { headers, body }) => {
    const isSealed = Object.keys(headers ?? {}).some(isSecretHeader);
    if (isSealed && !vault) return { kind: "sealed" };
    if (!vault) return { kind: "read", headers, body };
    const mac = fingerprintMac(vault);
    try {
      // Throws where the key of the fingerprint is missing, as opening does with that of a header.
      mac("", fingerprintKeyId(message.fingerprint));
      return { kind: "read", headers: openHeaders(vault, message, headers), body, mac };
    } catch {
      return { kind: "unreadable" };
    }
  };
