import { isDeepStrictEqual } from "node:util";
import type { Message, Status } from "../client/answers.ts";
import type { Postrider } from "../client/postrider.ts";
import { verify } from "../client/verify.ts";
import type { TestDelivery, TestReceiver } from "./receiver.ts";

/** Selects deliveries, and says what they must be like. What is left out is not checked. */
export type Delivered = {
  readonly messageId?: string | undefined;
  /** How many requests there must be, repeats and failed attempts included. Default: 1. */
  readonly times?: number | undefined;
  /** A string is the exact text; any other value is compared with the JSON of the body. */
  readonly body?: unknown;
  /** Headers that there must be, with their values. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const headerOf = ({ headers }: TestDelivery, wanted: string): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];

const faultsOf = (delivery: TestDelivery, { body, headers = {} }: Delivered): readonly string[] => {
  const isSame =
    body === undefined ||
    (typeof body === "string"
      ? delivery.text === body
      : isDeepStrictEqual(jsonOf(delivery.text), body));
  return [
    ...(isSame ? [] : [`body: ${delivery.text || "none"}, not ${JSON.stringify(body)}`]),
    ...Object.entries(headers)
      .filter(([name, value]) => headerOf(delivery, name) !== value)
      .map(([name, value]) => `${name}: ${headerOf(delivery, name) ?? "none"}, not ${value}`),
  ];
};

const lineOf = ({ messageId, attempt, at, text }: TestDelivery): string =>
  `  ${new Date(at).toISOString()} ${messageId}, attempt ${attempt}: ${text.slice(0, 200) || "no body"}`;

const failed = (what: string, { url, deliveries }: TestReceiver): Error => {
  const seen = deliveries.length === 0 ? "  nothing" : deliveries.map(lineOf).join("\n");
  const error = new Error(`${what}\n${url} got:\n${seen}`);
  error.name = "AssertionError";
  return error;
};

const deliveriesTo = ({ deliveries }: TestReceiver, messageId: string | undefined) =>
  deliveries.filter((each) => messageId === undefined || each.messageId === messageId);

/**
 * Returns the selected deliveries, of which there is at least one. Throws an error that says
 * what the receiver got if their number is another, or one of them is not as it must be.
 */
export const assertDelivered = (
  receiver: TestReceiver,
  wanted: Delivered = {},
): readonly [TestDelivery, ...TestDelivery[]] => {
  const { messageId, times = 1 } = wanted;
  const [first, ...others] = deliveriesTo(receiver, messageId);
  const count = first ? others.length + 1 : 0;
  const what = messageId ?? "a message";
  if (!first || count !== times)
    throw failed(`${what} was delivered ${count} times, not ${times}`, receiver);
  const faults = [first, ...others].flatMap((delivery) => faultsOf(delivery, wanted));
  if (faults.length > 0)
    throw failed(`${what} was not as expected:\n${faults.join("\n")}`, receiver);
  return [first, ...others];
};

/** Throws an error that says what the receiver got if it got anything, or that message. */
export const assertNothingDelivered = (receiver: TestReceiver, messageId?: string): void => {
  if (deliveriesTo(receiver, messageId).length > 0)
    throw failed(`${messageId ?? "Something"} was delivered`, receiver);
};

/**
 * Resolves to a message, which has this status. Rejects with an error that says why it is where it
 * is, and what happens next.
 */
export const assertStatus = async (
  { client }: { readonly client: Postrider },
  messageId: string,
  status: Status,
): Promise<Message> => {
  const message = await client.get(messageId);
  if (message.status === status) return message;
  const { why, next } = await client.why(messageId);
  const error = new Error(`${messageId} is ${message.status}, not ${status}. ${why} ${next}`);
  error.name = "AssertionError";
  throw error;
};

/** Rejects with the reason if a receiver that verifies would refuse the delivery at its time. */
export const assertSigned = async (
  { signingSecret }: { readonly signingSecret: string },
  delivery: TestDelivery,
): Promise<void> => {
  const options = { now: delivery.at };
  const verified = await verify(delivery.body ?? "", delivery.headers, signingSecret, options);
  if (verified.kind === "genuine") return;
  const error = new Error(`The delivery is not signed by this sender: ${verified.because}`);
  error.name = "AssertionError";
  throw error;
};
