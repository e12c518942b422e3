import type { IncomingMessage } from "node:http";
import { type RefusedBecause, verify } from "../../client/verify.ts";
import { limits } from "../../domain/limits.ts";
import type { Treatment } from "./play.ts";

/** Whether a request is taken for one of Postrider's. */
export type Signature = "genuine" | "not-checked" | "too-large" | RefusedBecause;

/** A request as it came. Its texts are somebody else's: they are escaped where they are printed. */
export type Delivery = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly webhookId?: string;
  readonly messageId?: string;
  readonly senderId?: string;
  readonly attempt?: number;
  readonly replay?: number;
  readonly contentType?: string;
  readonly bytes: number;
  readonly signature: Signature;
  /** Requests of the same message, this one included. */
  readonly seen: number;
  /** Whether an earlier one was answered 2xx. */
  readonly acceptedBefore: boolean;
  readonly answer: Treatment;
  /** The beginning of the body, if it is to be shown. */
  readonly body?: string;
};

/** What a listener reports. */
export type ListenEvent =
  | ({ readonly kind: "delivery" } & Delivery)
  /** The sender closed the connection before it had its answer, or before its body was complete. */
  | {
      readonly kind: "left";
      readonly at: number;
      readonly method: string;
      readonly path: string;
      readonly during: "body" | "answer";
    }
  /** Bytes that are no HTTP, with the code of the parser. */
  | { readonly kind: "garbage"; readonly at: number; readonly code: string };

/** A body: its size, and its bytes if they are not too many. */
export type Body = { readonly bytes: number; readonly content?: Uint8Array };

/**
 * Reads a body. One that is too large is read to its end and counted, but not kept: the answer
 * would be lost if the connection was closed with bytes unread.
 */
export const readBody = async (request: IncomingMessage): Promise<Body> => {
  let kept: Uint8Array[] | undefined = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limits.bodyBytesMax) kept = undefined;
    kept?.push(chunk);
  }
  return kept === undefined ? { bytes } : { bytes, content: Buffer.concat(kept) };
};

/** Says whether a request is genuine, by any of the secrets; without one nothing is checked. */
export const signatureOf = async (
  { content }: Body,
  headers: IncomingMessage["headers"],
  secrets: readonly string[],
  now: number,
): Promise<Signature> => {
  if (content === undefined) return "too-large";
  if (secrets.length === 0) return "not-checked";
  const verified = await verify(content, headers, secrets, { now });
  return verified.kind === "genuine" ? "genuine" : verified.because;
};

const previewCharsMax = 300;

/** Returns the beginning of a body as text. */
export const previewOf = ({ content = new Uint8Array() }: Body): string =>
  Buffer.from(content.subarray(0, 4 * previewCharsMax))
    .toString("utf8")
    .slice(0, previewCharsMax)
    .toWellFormed();

/** As much of a header as is of interest. */
const headerCharsMax = 200;

/** Returns the value of a header, cut where it is longer than any of ours. */
export const headerOf = (headers: IncomingMessage["headers"], name: string): string | undefined => {
  const value = headers[name];
  const text = Array.isArray(value) ? value.join(", ") : value;
  return text?.slice(0, headerCharsMax);
};

/** Returns the value of a header that has a number, such as that of an attempt. */
export const numberIn = (headers: IncomingMessage["headers"], name: string): number | undefined => {
  const text = headerOf(headers, name) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
};
