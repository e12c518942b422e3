import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/**
 * Encrypts secrets for storage. `context` names what a secret belongs to: it is not part of the
 * text, and a secret sealed for one context opens for no other. `open` throws on a text that this
 * vault did not seal, or sealed for another context. No error reveals the content.
 */
export type Vault = {
  readonly seal: (plain: Uint8Array, context: string) => string;
  readonly open: (sealed: string, context: string) => Uint8Array;
  /**
   * Returns a keyed hash of `text`, `<key id>.<HMAC-SHA256>` in base64url, under the newest key or
   * the one that `keyId` names. Throws if the vault does not have that key.
   */
  readonly mac: (text: string, context: string, keyId?: string) => string;
};

const cipher = "aes-256-gcm";
const keyBytes = 32;
const keyIdBytes = 6;
const nonceBytes = 12;
const tagBytes = 16;

/** `v1.<key id>.<nonce>.<ciphertext and tag>`, in base64url. */
const sealedForm = /^v1\.([\w-]{8})\.([\w-]{16})\.([\w-]{22,})$/;

const isUsable = (key: Uint8Array): boolean =>
  key.length === keyBytes && key.some((byte) => byte !== 0);

/** Returns a new master key as text. */
export const newMasterKey = (): string => randomBytes(keyBytes).toString("base64");

/** Returns the bytes of a master key (base64 of 32 bytes, not all zero), or `undefined`. */
export const parseMasterKey = (text: string): Uint8Array | undefined => {
  const key = Buffer.from(text, "base64");
  return key.toString("base64") === text && isUsable(key) ? key : undefined;
};

/** Returns the id of a master key, which reveals nothing about it. */
export const keyIdOf = (key: Uint8Array): string =>
  createHash("sha256").update(key).digest().subarray(0, keyIdBytes).toString("base64url");

/**
 * Derives a key for each context: a random nonce is safe for 2^32 uses of one key (NIST SP 800-38D,
 * 8.3), which a busy service reaches within days. Keys are key objects: Node 24 takes four times as
 * long to encrypt, or to hash, by the bytes of a key.
 */
const keyFor = (master: KeyObject, context: string): KeyObject =>
  createSecretKey(createHmac("sha256", master).update(`postrider v1 ${context}`).digest());

/** The log has the code of this error, never its message. */
const notOpened = (code: "SEALED_KEY_UNKNOWN" | "SEALED_NOT_OURS", cause?: unknown): Error =>
  Object.assign(
    new Error("Cannot decrypt: unknown master key, or not encrypted by this service", { cause }),
    {
      code,
    },
  );

/**
 * Creates a vault over master keys, newest first: the first one seals, each one opens. Rotate a key
 * by putting a new one before it. Remove it when nothing that it sealed is stored any more.
 */
export const masterKeyVault = (keys: readonly Uint8Array[]): Vault => {
  const [newest] = keys;
  if (!newest || !keys.every(isUsable))
    throw new Error("At least one master key is needed, each of 32 bytes that are not all zero");
  const newestId = keyIdOf(newest);
  const byId = new Map(keys.map((key) => [keyIdOf(key), createSecretKey(key)]));
  const keyNamed = (keyId: string): KeyObject => {
    const master = byId.get(keyId);
    if (!master) throw notOpened("SEALED_KEY_UNKNOWN");
    return master;
  };

  return {
    seal: (plain, context) => {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, keyFor(keyNamed(newestId), context), nonce);
      sealing.setAAD(Buffer.from(context));
      const box = Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
      return `v1.${newestId}.${nonce.toString("base64url")}.${box.toString("base64url")}`;
    },

    open: (sealed, context) => {
      const [, keyId = "", nonce = "", text = ""] = sealedForm.exec(sealed) ?? [];
      const box = Buffer.from(text, "base64url");
      // Reject non-canonical base64url: this vault never writes it.
      if (keyId === "" || box.toString("base64url") !== text) throw notOpened("SEALED_NOT_OURS");
      const key = keyFor(keyNamed(keyId), context);
      const opening = createDecipheriv(cipher, key, Buffer.from(nonce, "base64url"), {
        authTagLength: tagBytes,
      });
      opening.setAAD(Buffer.from(context));
      opening.setAuthTag(box.subarray(-tagBytes));
      try {
        return Buffer.concat([opening.update(box.subarray(0, -tagBytes)), opening.final()]);
      } catch (error) {
        throw notOpened("SEALED_NOT_OURS", error);
      }
    },

    mac: (text, context, keyId = newestId) => {
      const hmac = createHmac("sha256", keyFor(keyNamed(keyId), context)).update(text);
      return `${keyId}.${hmac.digest("base64url")}`;
    },
  };
};
