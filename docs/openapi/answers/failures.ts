import * as z from "zod";
import { at } from "./members.ts";

const failureGroup = z
  .strictObject({
    key: z.string().meta({
      description: "The host of the target, with its port unless it is the default; or the reason.",
      examples: ["api.example.com"],
    }),
    count: z.int().min(1).meta({ description: "How many of them FAILED." }),
    since: at("When the first of those that are counted FAILED."),
    lastAt: at("When the latest of them FAILED."),
    exampleMessageId: z.string().meta({ description: "The latest of them." }),
  })
  .meta({ id: "FailureGroup", description: "Failures that have something in common." });

/** What failures have in common. */
export const failures = z
  .strictObject({
    groups: z.array(failureGroup).meta({ description: "The largest first." }),
    isComplete: z
      .boolean()
      .meta({ description: "Whether all failures are counted, and not only the latest 1,000." }),
  })
  .meta({ id: "Failures", description: "Failures in groups." });

/** How many messages there are. */
export const messageCount = z
  .strictObject({
    count: z.int().min(0).meta({ description: "How many, or at least how many." }),
    isExact: z.boolean().meta({ description: "Whether it is exactly so many." }),
  })
  .meta({ id: "MessageCount", description: "How many messages there are." });
