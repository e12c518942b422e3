import * as z from "zod";
import { actions } from "../../../domain/actions.ts";
import { at, count, httpStatus, ms, outcomeClass, status } from "./members.ts";

const attemptMembers = {
  number: z.int().min(1).meta({ description: "From 1." }),
  outcome: z.enum(["delivered", "failed", "in-progress", "unknown"]).meta({
    description: "`unknown`: its worker vanished; nobody can say whether the target got it.",
  }),
  class: outcomeClass.optional(),
  status: httpStatus.optional(),
  startedAt: at("When it began, if its outcome is known.").optional(),
  durationMs: ms("How long the exchange took, if its outcome is known.").optional(),
  timings: z
    .strictObject({
      dnsMs: ms("The look-up of the name.").optional(),
      connectMs: ms("The connection.").optional(),
      tlsMs: ms("Its encryption.").optional(),
      firstByteMs: ms("From the beginning to the first byte of the answer.").optional(),
    })
    .optional()
    .meta({ description: "Its steps in milliseconds, where they were taken." }),
  responseText: z
    .string()
    .optional()
    .meta({ description: "The beginning of the answer, if it was text; of failed ones only." }),
};
const attempt = z
  .strictObject(attemptMembers)
  .meta({ id: "Attempt", description: "One attempt to deliver a message." });

/** The attempts of a message. */
export const attempts = z
  .strictObject({ attempts: z.array(attempt).meta({ description: "By number." }) })
  .meta({ id: "Attempts", description: "The attempts of a message." });

const event = <const Kind extends string, Shape extends z.ZodRawShape>(
  kind: Kind,
  id: string,
  description: string,
  members: Shape,
) =>
  z
    .strictObject({
      at: at("When it was. Absent where that is not known.").optional(),
      kind: z.literal(kind),
      ...members,
    })
    .meta({ id, description });

const by = z
  .strictObject({
    keyId: z.string().optional().meta({ description: "The beginning of the key's SHA-256." }),
    address: z
      .string()
      .optional()
      .meta({ description: "The address that the request came from, if it is known." }),
    jobId: z.string().optional().meta({ description: "The job that did it, if one did." }),
  })
  .meta({ description: "Who did it: the holder of a key, or a job." });

const asked = z
  .strictObject({
    attempts: count("How many attempts.").optional(),
    deliverAt: at("When the first may begin.").optional(),
  })
  .meta({ description: "What a replay was to change." });

/** What happened to a message. */
export const history = z
  .strictObject({
    events: z
      .array(
        z.discriminatedUnion("kind", [
          event("submitted", "SubmittedEvent", "The submit.", {}),
          event("attempt", "AttemptEvent", "An attempt.", attemptMembers),
          event("state", "StateEvent", "The message entered a state.", { status }),
          event("action", "ActionEvent", "A person or a job did something.", {
            action: z.enum(actions).meta({ description: "What was to be done." }),
            by,
            found: status,
            asked: asked.optional(),
            refused: z
              .boolean()
              .meta({ description: "Whether it was not done, because another was faster." }),
          }),
        ]),
      )
      .meta({ description: "In order of time. Of each state the last time is there." }),
  })
  .meta({ id: "History", description: "What happened to a message, in one timeline." });
