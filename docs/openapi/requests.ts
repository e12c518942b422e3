import * as z from "zod";
import { settings } from "../../adapters/settings.ts";
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
import { defaultsChange, senderBodies } from "../../handlers/api/sender-members.ts";
import { defaults } from "../../handlers/senders/members.ts";
import { retry as retryMembers, submissionMembers } from "../../handlers/submission/members.ts";
import { described } from "./described.ts";

/*
 * The schemas here are those that the routes parse requests with. Only the words are added.
 */

const kib = (bytes: number): string => `${bytes / 1024} KiB`;
const days = (ms: number): string => `${ms / 86_400_000} days`;
const timeoutMsDefault = Number(settings.timeoutMs.fallback).toLocaleString("en-US");

const retry = described(retryMembers, {
  schedule: {
    description: `The waits between attempts, such as \`"250ms"\`, \`"5s"\`, \`"2m"\`, \`"6h"\` or \`"1d"\`, each at most ${limits.waitMsMax / 3_600_000} h. Default: the sender's, or the configured ones.`,
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
        "With `senderId` the idempotency key. Required, unless the header `Idempotency-Key` has it. Printable ASCII without spaces, but not `.` or `..`; case counts.",
      examples: ["order-1"],
    },
    senderId: { description: "The sender that the key belongs to.", examples: ["shop"] },
    timestamp: {
      description:
        "When the event happened. Kept and shown as given, and no part of what makes a repeat.",
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
    deliverAt: `When the first attempt may begin, at most ${days(limits.deliverAheadMsMax)} ahead. A time in the past means now. Default: now.`,
    giveUpAt: `After this nothing is sent. Later than now and \`deliverAt\`, and at most ${days(limits.giveUpAfterMsMax)} after the later of them. Default: 3 days after it.`,
    retry: "How failed attempts are repeated.",
    timeoutMs: `How long one exchange with the target may take as a whole, in milliseconds. Default: the sender's, or the configured ${timeoutMsDefault}.`,
    redact: "What no answer shows: a SHA-256 stands in its place. Default: nothing.",
    retentionDays: `How long the message is kept and its id taken, in days; in any case until a day after \`giveUpAt\`. Default: the sender's, or the configured ${settings.retentionDays.fallback}.`,
  },
).meta({ id: "Submission" });

const filter = {
  status: "A status; or `unfinished`: all that is not COMPLETED, FAILED or CANCELLED.",
  from: "Messages of this time or later: by `createdAt`, with `status=FAILED` by `failedAt`.",
  to: "Messages before this time, which is later than `from`.",
  target:
    "A host, such as `example.com` or `example.com:8443`, or a whole `targetUrl`, equal to the letter. A host without a port has the default port: 443, or 80 for plain `http`.",
  reason: "A `failReason`. It means `status=FAILED`, and goes with no other status.",
};
const page = {
  limit: "How many a page has at most. It may have fewer, and still a cursor.",
  cursor: "`nextCursor` of the page before, with the same filter. `limit` may differ.",
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
    plan: "The `token` of a plan of the same action, filter and attempts. A plan makes one job.",
    ratePerSecond: "How many messages begin in a second. Default: 10; of a cancel 100.",
    canary:
      'Of a replay: replay one message first, then ten, and stop if more than this share, 0 to 1, fails again. `false`: replay all at once. Default: `{"failShareMax":0.5}`.',
    attempts: "Of a replay: how many attempts each gets. Default: as many as the round before.",
  },
).meta({ id: "JobRequest" });

/** The query of `GET /v1/counts`. */
export const countsQuery = described(countsMembers, {
  status:
    "What is counted. No other status has an index of its own, and a count reads nothing else.",
  from: "Messages that FAILED at this time or later. Not with `unfinished`.",
  to: "Messages that FAILED before this time, which is later than `from`. Not with `unfinished`.",
});

/** The query of `GET /v1/outcomes`. */
export const outcomesQuery = described(outcomesMembers(0), {
  from: `Attempts of this time or later: at most ${limits.outcomesDaysMax} days ago. Default: a day before \`to\`.`,
  to: "Attempts before this time, which is later than `from`. Default: now.",
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
  scopes: "What it may be used for. Default: both.",
  expiresAt: "When it ends: a time in the future. Default: never.",
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
    senderId:
      "The id of the new sender, which cannot be changed: of `A-Z a-z 0-9 _ . : -`, but not `.` or `..`; case counts.",
    defaults:
      "What a message of this sender has that does not say otherwise. Default: what is configured.",
    key: "The first key. Default: `first key`, with both scopes.",
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
  overlap:
    "How long the previous secrets keep signing, such as `24h`, at most `90d`. `0s`: they end at once. Default: `24h`.",
  signingSecret,
}).meta({ id: "Rotation" });

/** The query of lists without a filter. */
export const pageQuery = described(pageMembers, page);

/** The query of a page whose length cannot be chosen. */
export const cursorQuery = described(cursorMembers, { cursor: page.cursor });

/** The body of a replay. That a time is near enough is judged when it comes. */
export const replay = described(replayMembers(0), {
  attempts: "How many attempts the new round has at most. Default: as many as the round before.",
  deliverAt: `When the first attempt of the round may begin, at most ${days(limits.deliverAheadMsMax)} ahead. Default: now; of a CANCELLED message its \`deliverAt\`, if that is to come.`,
}).meta({ id: "Replay" });

/** The body of a request without members, which may be left out. */
export const empty = nothing.meta({ id: "Nothing" });
