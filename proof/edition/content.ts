import { createHash } from "node:crypto";

/** The part of a request that a sender decides, whoever looks at it. */
export type Content = {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
};

/** The headers that the sender of a run sets; all others are the connection's or Postrider's. */
const isSenders = (name: string): boolean =>
  name.startsWith("x-proof-") || name === "content-type" || name === "authorization";

/** A digest that is the same at the sender and at the receiver if nothing changed on the way. */
export const contentDigest = ({ method, path, headers, body }: Content): string => {
  const own = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => isSenders(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(`${JSON.stringify([method, path, own])}\n`)
    .update(body)
    .digest("base64url");
};
