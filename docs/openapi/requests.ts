import * as z from "zod";
import { limits } from "../../domain/limits.ts";
import { batchMembers } from "../../handlers/api/batch-parser.ts";
import { countsMembers } from "../../handlers/api/counts.ts";
import { failuresMembers } from "../../handlers/api/failures.ts";
import { filterShape, listMembers } from "../../handlers/api/list-query.ts";
import { outcomesMembers } from "../../handlers/api/outcomes.ts";
import { cursorMembers, pageMembers } from "../../handlers/api/page-query.ts";
import { jobMembers } from "../../handlers/api/read-job.ts";
import { nothing } from "../../handlers/api/read-members.ts";
import { replayMembers } from "../../handlers/api/read-steer.ts";
import { defaults, defaultsChange, senderBodies } from "../../handlers/api/sender-members.ts";
import { retry as retryMembers, submissionMembers } from "../../handlers/submission/members.ts";
import { described } from "./described.ts";

/*
 * The schemas here are those that the routes parse requests with. Only the words are added.
 */

const aTime = "RFC 3339, such as `2026-01-31T12:00:00Z`";
const kib = (bytes: number): string => `${bytes / 1024} KiB`;

const retry = described(retryMembers, {
  schedule: {
    description: `The waits between attempts, each a whole number and \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, at most ${limits.waitMsMax / 3_600_000} h. Default: the sender's, or the configured ones.`,
    examples: [["5s", "2m", "6h"]],
  },
  maxAttempts: "How many attempts are made at most. Default: one more than there are waits.",
});

const parsed = submissionMembers({ allowed: [], http: "never" });

/** The body of `POST /v1/messages`. What may be reached as a target is not of the shape. */
export const submission = described(
  parsed.extend({ retry: retry.optional(), messageId: parsed.shape.messageId.optional() }),
  {
    messageId: {
      description:
        "Your id of the message: the idempotency key, together with `senderId`. Required, unless the header `Idempotency-Key` of a single submit has it. Printable ASCII without spaces, but not `.` or `..`; case counts.",
      examples: ["order-1"],
    },
    senderId: { description: "The sender that the key belongs to.", examples: ["shop"] },
    timestamp: {
      description: `When the event happened: ${aTime}. Kept and shown as given, and no part of what makes a repeat.`,
      examples: ["2026-03-01T12:00:00.000Z"],
    },
    targetUrl: {
      description: "Where the message is delivered: a public `https` URL without credentials.",
      examples: ["https://api.example.com/orders"],
    },
    method: "The method of the request to the target. Default: `POST`. A `GET` has no body.",
    headers: {
      description: `Headers of the request to the target, ${kib(limits.headersBytesMax)} of names and values at most. Values of secret ones are stored encrypted.`,
      examples: [{ "x-shop": "Berlin" }],
    },
    body: {
      description: `What is sent: a string as that text, any other JSON value as its source text in this request, byte for byte. At most ${kib(limits.bodyBytesMax)} as it is sent.`,
      examples: [{ order: 1 }],
    },
    bodyBase64: `Bytes to send, in place of \`body\`: base64 of RFC 4648, with padding. At most ${kib(limits.bodyBytesMax)} as it is sent.`,
    deliverAt: `When the first attempt may begin, at most 30 days ahead: ${aTime}. Default: now.`,
    giveUpAt: `After this nothing is sent: ${aTime}, later than \`deliverAt\`, at most 14 days after the first attempt may begin. Default: 3 days after it.`,
    retry: "How failed attempts are repeated.",
    timeoutMs:
      "How long one exchange with the target may take as a whole, in milliseconds. Default: the sender's, or the configured one.",
    redact:
      "What is delivered and kept as usual, and shown in no answer: a SHA-256 stands in its place. Default: nothing.",
    retentionDays:
      "How long the message is kept and its id taken, in days. Default: the sender's, or the configured one.",
  },
).meta({ id: "Submission" });

const filter = {
  status: "A status; or `unfinished`: all that is not COMPLETED, FAILED or CANCELLED.",
  from: `The first moment that is meant: ${aTime}. Compared with \`createdAt\`; with \`status=FAILED\` with \`failedAt\`.`,
  to: `The first moment that is not meant any more, later than \`from\`: ${aTime}.`,
  target:
    "A host, such as `example.com` or `example.com:8443`, or a whole `targetUrl`, equal to the letter.",
  reason: "Why messages FAILED. Means `status=FAILED`.",
};
const page = {
  limit: "How many a page has at most. It may have fewer, and still a cursor.",
  cursor: "`nextCursor` of the page before, with the same filter.",
};

/** The query of `GET /v1/messages`. */
export const listQuery = described(listMembers, { ...filter, ...page });

/** The body of `POST /v1/jobs`. */
export const job = described(
  jobMembers.extend({ filter: described(z.strictObject(filterShape), filter) }),
  {
    action: "What is done: `replay`, of messages that ended, or `cancel`, of unfinished ones.",
    filter:
      "Which messages. `{}` means all. Default of `status`: `FAILED`; of a cancel `unfinished`.",
    planOnly: "Whether the answer is a plan and nothing is done. Default: false.",
    plan: "The `token` of a plan of the same action, filter and attempts. Of one plan there is one job.",
    ratePerSecond: "How many messages begin in a second. Default: 10; of a cancel 100.",
    canary:
      "Of a replay: replay one message first, then ten, and stop if more than this share fails again. False: do not. Default: half of them.",
    attempts: "Of a replay: how many attempts each gets. Default: as many as the round before.",
  },
).meta({ id: "JobRequest" });

/** The query of `GET /v1/counts`. */
export const countsQuery = described(countsMembers, {
  status: "What is counted.",
  from: `Messages that FAILED at that moment or later: ${aTime}. Not with \`unfinished\`.`,
  to: `Messages that FAILED before it, later than \`from\`: ${aTime}. Not with \`unfinished\`.`,
});

/** The query of `GET /v1/outcomes`. */
export const outcomesQuery = described(outcomesMembers(0), {
  from: `The first moment that is meant, at most ${limits.outcomesDaysMax} days ago: ${aTime}. Default: a day before \`to\`.`,
  to: `The first moment that is not meant any more, later than \`from\`: ${aTime}. Default: now.`,
});

/** The body of `POST /v1/messages/batch`. Each entry is judged by itself, as a submit. */
export const batch = described(
  batchMembers.extend({
    messages: batchMembers.shape.messages.meta({
      override: { items: { $ref: "#/components/schemas/Submission" } },
    }),
  }),
  { messages: "The messages, each as in a submit of its own." },
).meta({ id: "Batch" });

/** The query of `GET /v1/failures`. */
export const failuresQuery = described(failuresMembers, {
  by: "By what the failures are grouped: the host of the target, or the reason.",
});

const retryWords = {
  schedule: "The waits between attempts, such as `5s`.",
  maxAttempts: "How many attempts are made at most.",
};
const defaultsWords = {
  retry: "How failed attempts are repeated.",
  timeoutMs: "How long one exchange may take, in milliseconds.",
  retentionDays: "How long a message is kept, in days.",
};
const label = "What the key is for: one line of text.";
const signingSecret =
  "A secret that you bring: `whsec_` and the base64 of 24 to 64 bytes. Default: a new one.";

const senderKey = described(senderBodies.key(0), {
  label,
  scopes: "What it may be used for. Default: all that a sender may do.",
  expiresAt: `When it ends: ${aTime}. Default: never.`,
});

/** The body that adds a key to a sender. */
export const newKey = senderKey.meta({ id: "NewKey" });

/** The body that makes a sender. */
export const newSender = described(
  senderBodies.create(0).extend({
    defaults: described(
      defaults.extend({ retry: described(retryMembers, retryWords).optional() }),
      defaultsWords,
    ).optional(),
    key: senderKey.optional(),
  }),
  {
    senderId: "The id of the new sender. It stays.",
    defaults: "What holds for messages that say nothing else.",
    key: "The first key. Default: one with all scopes of a sender.",
    signingSecret,
  },
).meta({ id: "NewSender" });

/** The body that changes a sender. */
export const senderChange = described(
  senderBodies.change.extend({ defaults: described(defaultsChange, defaultsWords) }),
  { defaults: "The defaults that change. Null removes one; what is not named stays." },
).meta({ id: "SenderChange" });

/** The body that rotates a signing secret. */
export const rotation = described(senderBodies.rotation, {
  overlap: "How long the previous secrets keep signing, such as `24h`. `0s`: they end at once.",
  signingSecret,
}).meta({ id: "Rotation" });

/** The query of lists without a filter. */
export const pageQuery = described(pageMembers, page);

/** The query of a page whose length cannot be chosen. */
export const cursorQuery = described(cursorMembers, { cursor: page.cursor });

/** The body of a replay. That a time is near enough is judged when it comes. */
export const replay = described(replayMembers(0), {
  attempts: "How many attempts the new round has at most. Default: as many as the round before.",
  deliverAt: `When the first attempt of the round may begin, at most 30 days ahead: ${aTime}. Default: now; of a CANCELLED message its \`deliverAt\`, if that is to come.`,
}).meta({ id: "Replay" });

/** The body of a request without members, which may be left out. */
export const empty = nothing.meta({ id: "Nothing" });
