import * as z from "zod";
import { failReasons, statuses } from "../../../domain/message.ts";
import { noAnswerClasses } from "../../../domain/outcome.ts";

/*
 * The answers, as `handlers/api/views.ts` makes them. The tests parse every answer that they get
 * with these schemas: a member that is not here fails them.
 */

/** Returns the schema of a time in an answer: in UTC, to the millisecond. */
export const at = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description, examples: ["2026-03-01T12:00:00.000Z"] });
export const count = (description: string) => z.int().min(0).meta({ description });

export const status = z.enum(statuses).meta({
  id: "Status",
  description: "Where a message is in its life. A later version may know others.",
});
export const failReason = z
  .enum(failReasons)
  .meta({ id: "FailReason", description: "Why a message FAILED." });

export const outcomeClass = z
  .enum(["accepted", "status", ...noAnswerClasses, "unknown", "payload-missing", "too-late"])
  .meta({
    id: "OutcomeClass",
    description:
      "What an attempt came to: `accepted` by a 2xx, another `status`, or why there was no answer.",
  });
export const httpStatus = z
  .int()
  .min(100)
  .max(999)
  .meta({ description: "The HTTP status, if the target answered." });

export const ms = (description: string) => z.number().min(0).meta({ description });
