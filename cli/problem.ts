import type { PostriderError } from "../client/error.ts";
import type { Failure } from "./failed.ts";

/** What to do about a problem of the service, by its code. */
const nextByCode: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "Check the key: postrider profiles list shows which one is used.",
  FORBIDDEN:
    "Use a key of that sender with the scope that is needed; senders, keys and secrets need an operator's key.",
  NOT_FOUND: "Check the id and the key. postrider list shows what there is.",
  MESSAGE_CONFLICT: "Use another --id, or send what was sent under this one.",
  INVALID_STATE: "postrider why <messageId>, or postrider jobs get <jobId>, says what is possible.",
  PLAN_EXPIRED: "Run the command again: it makes a new plan.",
  JOB_CONFLICT: "See postrider jobs list.",
  SENDER_EXISTS: "See postrider senders get <senderId>.",
  TOO_MANY_SECRETS: "Wait until one has ended, or rotate with --overlap 0s.",
  ROTATION_CONFLICT:
    "See postrider senders get <senderId>, then rotate again if you still want that.",
  VALIDATION_ERROR: "Mend what is named, and try again.",
};

const noAnswer = (error: PostriderError, url: string): Failure => {
  const { code } = (error.cause as { cause?: { code?: string } } | undefined)?.cause ?? {};
  return {
    kind: "notDone",
    what: `No answer from ${url}${code === undefined ? "" : ` (${code})`}.`,
    next: "Check the address and the network, then repeat the command: nothing is done twice.",
    code: error.code,
  };
};

/** Returns what a call of the client that failed means for the person who typed the command. */
export const failureOf = (error: PostriderError, url: string): Failure => {
  const { code, status = 0, issues, message } = error;
  if (code === "NO_ANSWER") return noAnswer(error, url);
  const isRefused = status >= 400 && status < 500 && status !== 429;
  if (code === "UNEXPECTED_ANSWER")
    return {
      kind: "notDone",
      what: `${url} is not Postrider, or something in front of it answers: ${status}.`,
      next: "Check the address: it is the output Url of the stack, without a path.",
      code,
    };
  return {
    kind: isRefused ? "refused" : "notDone",
    what: message,
    faults: issues.map((issue) => `${issue.path.join(".") || "the request"}: ${issue.message}`),
    next: nextByCode[code] ?? "Try again in a minute: to repeat the command is safe.",
    code,
  };
};
