import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from "node:crypto";

type Bytes = string | ArrayBuffer | ArrayBufferView;

const asView = (bytes: Bytes): string | NodeJS.ArrayBufferView =>
  bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : (bytes as string | NodeJS.ArrayBufferView);

/** As text or as a key object: Node 24 takes three times as long by the bytes of a key. */
const keyOf = (secret: string | NodeJS.ArrayBufferView) =>
  typeof secret === "string" ? secret : createSecretKey(secret);

/**
 * SHA-256, or its HMAC if there is a secret, as the SDK wants it for the signatures of its requests
 * (option `sha256` of a client). The same as its own, in a third of the time.
 */
export class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Bytes) {
    this.#hash = secret ? createHmac("sha256", keyOf(asView(secret))) : createHash("sha256");
  }

  update(bytes: Bytes): void {
    this.#hash.update(asView(bytes));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
