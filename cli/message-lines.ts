import { type Line, styled } from "../adapters/styled.ts";
import type { Message, SteeredMessage } from "../client/answers.ts";
import { membersOf } from "./members.ts";
import { statusStyle } from "./status-style.ts";

const headersIn = ({ headers = {} }: Message): string | undefined =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ") || undefined;

/** Returns the line that says where a message is. */
export const statusLine = (
  { messageId, status }: Pick<Message, "messageId" | "status">,
  besides = "",
): Line => [styled("bold", messageId), "  ", styled(statusStyle(status), status), besides];

/** Returns a message for a person. */
export const messageLines = (message: Message): readonly Line[] => [
  statusLine(message),
  message.why,
  ...membersOf({
    target: `${message.method} ${message.targetUrl}`,
    attempts: `${message.attempts} of ${message.attemptsAllowed}`,
    replays: message.replays || undefined,
    submitted: message.createdAt,
    "next attempt": message.notBefore,
    "gives up": message.notBefore && message.giveUpAt,
    "cancel asked": message.cancelRequestedAt,
    completed: message.completedAt,
    failed: message.failedAt,
    cancelled: message.cancelledAt,
    erased: message.erasedAt,
    "kept until": message.expiresAt,
    headers: headersIn(message),
  }),
];

/** Returns what an action made of a message, in a line. */
export const steeredLine = (message: SteeredMessage): Line => {
  const { status, cancelRequestedAt, notBefore, attempts, attemptsAllowed } = message;
  if (status === "PROCESSING" && cancelRequestedAt !== undefined)
    return statusLine(message, ", and ends with the attempt that is being made");
  if (notBefore === undefined) return statusLine(message);
  const left = `${attempts} of ${attemptsAllowed} attempts made`;
  return statusLine(message, `, next attempt at ${notBefore}, ${left}`);
};
