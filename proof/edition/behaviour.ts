import { createHash } from "node:crypto";
import type { MessageKey } from "../../domain/message.ts";

/** Which share of the requests a receiver treats how; the rest is answered 200. */
export type Shares = {
  readonly broken?: number;
  readonly throttled?: number;
  readonly hanging?: number;
  /** The connection is reset after the request has been read. */
  readonly reset?: number;
  /** 200, and then the connection is reset: whether it is heard nobody knows. */
  readonly cut?: number;
};
export type Behaviour = keyof Shares | "fine";

/** The same request of the same run is always treated alike, whatever else is going on. */
export const behaviourOf = (
  shares: Shares,
  seed: number,
  { senderId, messageId }: MessageKey,
  attempt: number,
): Behaviour => {
  const text = `${seed}#${senderId}#${messageId}#${attempt}`;
  let rest = createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
  for (const [behaviour, share] of Object.entries(shares)) {
    if (rest < share) return behaviour as Behaviour;
    rest -= share;
  }
  return "fine";
};
