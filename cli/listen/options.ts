import * as z from "zod";
import { parseDuration } from "../../domain/duration.ts";
import { secretOption } from "../signing-secret.ts";
import { countOption } from "../time-option.ts";
import { goodStatus, type Play } from "./play.ts";

const delayMsMax = 600_000;
const delay = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= delayMsMax) return ms;
  context.addIssue({ code: "custom", message: "must be a duration such as 2s, at most 10m" });
  return z.NEVER;
});

const shape = z.object({
  port: countOption(0, 65_535).default(4000),
  secret: z.array(secretOption).optional(),
  status: countOption(200, 599).optional(),
  statusFor: countOption(1, 1_000_000).optional(),
  delay: delay.optional(),
  drop: z.boolean().optional(),
  slow: z.boolean().optional(),
  showBody: z.boolean().optional(),
});

type Given = { readonly [Name in keyof z.input<typeof shape>]?: unknown };

/** What the options must not say together. */
const contradictions: readonly (readonly [
  member: keyof Given,
  fault: string,
  isBroken: (given: Given) => boolean,
])[] = [
  ["drop", "cannot be given together with --slow", ({ drop, slow }) => Boolean(drop && slow)],
  [
    "drop",
    "cannot be given together with --status: it gives no answer",
    ({ drop, status }) => Boolean(drop) && status !== undefined,
  ],
  [
    "statusFor",
    "needs --status, --delay, --drop or --slow: what the first requests get",
    ({ statusFor, status, delay: wait, drop, slow }) =>
      statusFor !== undefined && status === undefined && wait === undefined && !drop && !slow,
  ],
];

/** The options of a listener. */
export const listenOptions = shape.superRefine(
  (given, context) => {
    for (const [member, message, isBroken] of contradictions)
      if (isBroken(given)) context.addIssue({ code: "custom", path: [member], message });
  },
  // Checked also where other options are wrong.
  { when: () => true },
);

/** Returns how a listener is to treat what is genuine. */
export const playOf = (given: z.output<typeof listenOptions>): Play => {
  const { status = goodStatus, delay: delayMs = 0, drop, slow, statusFor } = given;
  const answered = slow ? "slow" : "plain";
  return {
    ...{ status, delayMs, manner: drop ? "drop" : answered },
    times: statusFor ?? Number.POSITIVE_INFINITY,
  };
};
