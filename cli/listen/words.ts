import { type Line, type Piece, type Style, styled } from "../../adapters/styled.ts";
import { formatDuration } from "../../domain/duration.ts";
import { slowByteMs } from "./answer.ts";
import type { Delivery, ListenEvent, Signature } from "./delivery.ts";
import type { Treatment } from "./play.ts";

/** What a signature means, and where to look if it is refused. */
const signatures: Readonly<Record<Signature, string>> = {
  genuine: "genuine",
  "not-checked": "not checked: no signing secret was given",
  "too-large": "not checked: no body of Postrider's is so large",
  "no-webhook-id": "refused: no webhook-id (not Postrider, or a proxy drops it)",
  "no-webhook-timestamp": "refused: no webhook-timestamp (not Postrider, or a proxy drops it)",
  "no-webhook-signature": "refused: no webhook-signature (not Postrider, or a proxy drops it)",
  "malformed-timestamp": "refused: webhook-timestamp is not a number of seconds",
  "too-old": "refused: more than 5 min old (a recording, or a wrong clock)",
  "too-new": "refused: more than 5 min ahead (a wrong clock)",
  "unknown-version": "refused: no signature of version v1",
  "wrong-signature": "refused: signed with another secret, or changed on its way",
};

const signatureStyle = (signature: Signature): Style => {
  if (signature === "genuine") return "green";
  return signature === "not-checked" ? "yellow" : "red";
};

/** Says what is done with a request. */
const treatmentInWords = ({ manner, status, delayMs }: Treatment): string => {
  const wait = delayMs > 0 ? ` after ${formatDuration(delayMs)}` : "";
  if (manner === "drop") return `closes the connection${wait}`;
  const pace = manner === "slow" ? `, a byte each ${formatDuration(slowByteMs)}` : "";
  return `answers ${status}${wait}${pace}`;
};

const messageInWords = ({ messageId, senderId, attempt, replay }: Delivery): string => {
  if (messageId === undefined) return "no postrider-message-id: not sent by Postrider";
  const parts = [
    senderId === undefined ? messageId : `${messageId} of ${senderId}`,
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(replay === undefined ? [] : [`replay ${replay}`]),
  ];
  return parts.join(", ");
};

const seenInWords = ({ seen, acceptedBefore }: Delivery): string =>
  acceptedBefore
    ? `seen before, request ${seen}: a repeat of what was accepted, drop it`
    : `seen before, request ${seen}: none before it was accepted`;

type Row = readonly [name: string, text: Piece];

const rowsOf = (delivery: Delivery): readonly Row[] => {
  const { webhookId, bytes, contentType, seen, body, signature } = delivery;
  const rows: readonly (Row | undefined)[] = [
    ["message", messageInWords(delivery)],
    webhookId === undefined ? undefined : ["webhook-id", webhookId],
    seen > 1 ? ["", styled("yellow", seenInWords(delivery))] : undefined,
    ["signature", styled(signatureStyle(signature), signatures[signature])],
    ["body", `${bytes} bytes${contentType === undefined ? "" : ` of ${contentType}`}`],
    body === undefined ? undefined : ["", body],
  ];
  return rows.filter((row) => row !== undefined);
};

/** Returns what happened, and the rows below it. */
const partsOf = (event: ListenEvent): readonly [string, readonly Row[]] => {
  if (event.kind === "garbage")
    return [`something that is not HTTP (${event.code}): answers 400`, []];
  const request = `${event.method} ${event.path}`;
  if (event.kind === "delivery")
    return [`${request}: ${treatmentInWords(event.answer)}`, rowsOf(event)];
  const end = event.during === "body" ? "its body was complete" : "it had the answer";
  return [`${request}: the sender hung up before ${end}`, []];
};

/**
 * Returns what a listener reports, as lines. What was received is escaped when they are printed.
 */
export const eventLines = (event: ListenEvent): readonly Line[] => {
  const [what, rows] = partsOf(event);
  const time = new Date(event.at).toISOString().slice(11, 23);
  return [
    [styled("dim", time), "  ", styled("bold", what)],
    ...rows.map(([name, text]): Line => [styled("dim", `  ${name.padEnd(12)}`), text]),
  ];
};

/** Returns it as a JSON object. Its members stay; later versions may add some. */
export const eventJson = (event: ListenEvent): string =>
  JSON.stringify({ ...event, at: new Date(event.at).toISOString() });
