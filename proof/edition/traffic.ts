import type { MessageKey } from "../../domain/message.ts";
import { seeded } from "../seeded.ts";
import { contentDigest } from "./content.ts";

/** A message to be handed over: the body of the submit, and the digest of what must arrive. */
export type Handed = {
  readonly key: MessageKey;
  readonly content: string;
  readonly deliverAt?: number;
  readonly submit: string;
};

type Body = { readonly member: object; readonly bytes: Uint8Array; readonly type: string };

const methods = ["POST", "PUT", "PATCH", "POST"] as const;
/** Every so many messages one is too large to be stored in its item, and one is for later. */
const largeEvery = 10;
const laterEvery = 25;
const largeChars = 3000;
const laterMs = 2000;

/** A text that is not only ASCII, bytes that are no text, or a JSON value. */
const bodyOf = (index: number, random: () => number): Body => {
  const number = Math.floor(random() * 1e9);
  const filler = index % largeEvery === 0 ? "x".repeat(largeChars) : "";
  if (index % 3 === 0) {
    const text = `{ "order" : ${number}, "to": "Zoë 日本 🚚 ${filler}" }`;
    return { member: { body: text }, bytes: Buffer.from(text), type: "text/plain" };
  }
  if (index % 3 === 1) {
    const bytes = Buffer.concat([
      Buffer.from([0, 255, 254, 128]),
      Buffer.from(`${number}${filler}`),
    ]);
    return { member: { bodyBase64: bytes.toString("base64") }, bytes, type: "image/x-proof" };
  }
  const value = { order: number, filler, nested: [{ "1": null }, "é"] };
  return {
    member: { body: value },
    bytes: Buffer.from(JSON.stringify(value)),
    type: "application/json",
  };
};

/**
 * The messages of a run, by number: of two or more senders in turn, which use the *same* ids for
 * different contents, each to its own place at the receiver; of all kinds of bodies, inline and
 * apart, with a secret header, and some for later.
 */
export const traffic =
  ({
    senderIds,
    receiverUrl,
    seed,
  }: {
    readonly senderIds: readonly string[];
    readonly receiverUrl: string;
    readonly seed: number;
  }) =>
  (index: number, now: number): Handed => {
    const random = seeded(seed + index * 7919);
    const senderId = senderIds[index % senderIds.length] as string;
    const messageId = `message-${Math.floor(index / senderIds.length)}`;
    const method = methods[index % methods.length] as string;
    const path = `/to/${senderId}/hook?index=${index}`;
    const body = bodyOf(index, random);
    const headers = {
      "content-type": body.type,
      "x-proof-index": String(index),
      ...(index % 7 === 0 && { authorization: `Basic ${Math.floor(random() * 1e9)}` }),
    };
    const deliverAt = index % laterEvery === 0 ? now + laterMs : undefined;
    return {
      key: { senderId, messageId },
      content: contentDigest({ method, path, headers, body: body.bytes }),
      deliverAt,
      submit: JSON.stringify({
        ...{ messageId, senderId, timestamp: new Date(now).toISOString() },
        ...{ targetUrl: `${receiverUrl}${path}`, method, headers, ...body.member },
        ...(deliverAt && { deliverAt: new Date(deliverAt).toISOString() }),
      }),
    };
  };
