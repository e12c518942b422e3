import * as z from "zod";
import { at, count } from "./members.ts";

const ends = {
  completed: count("Messages whose target accepted an attempt."),
  failed: count("Messages that FAILED by an attempt."),
  retried: count("Attempts that failed and are followed by another."),
};

const bucket = z
  .strictObject({ from: at("When it begins."), to: at("When the next one begins."), ...ends })
  .meta({ id: "OutcomeBucket", description: "What ended within a stretch of time." });

const share = (percent: number) =>
  z
    .int()
    .min(0)
    .optional()
    .meta({
      description: `${percent} % took no longer, in milliseconds. Absent if none is known.`,
    });
const durations = { p50Ms: share(50), p95Ms: share(95) };

/** How attempts ended, over time. */
export const outcomes = z
  .strictObject({
    buckets: z.array(bucket).meta({ description: "The oldest first, also where nothing ended." }),
    total: z.strictObject(ends).meta({ description: "All buckets together." }),
    accept: z.strictObject(durations).meta({
      description:
        "From the submit until it was on the queue, which is when it is answered; of messages that had an attempt.",
    }),
    delivery: z.strictObject(durations).meta({
      description:
        "From the submit, or from `deliverAt` if that was later, to the delivery; without replays.",
    }),
    exchange: z.strictObject(durations).meta({
      description: "How long targets took to answer, also with a failure.",
    }),
    isAbout: z.literal(true).meta({ description: "The counts are not exact." }),
  })
  .meta({ id: "Outcomes", description: "How attempts ended, over time." });
