/** A deployment from a checkout: the schema of `stages/<name>.json`. */
import * as z from "zod";
import { couplings } from "./couplings.ts";
import { members, region } from "./members.ts";

/** Parses a stage. Members that are left out get the defaults of a production stage. */
export const stageSchema = z
  .strictObject({
    /** Names the stack, `postrider-<name>`, and the namespace of its metrics, `Postrider/<name>`. */
    name: z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{0,20}$/,
        "must be up to 21 of a-z, 0-9 and -, and begin with a letter",
      ),
    account: z.string().regex(/^\d{12}$/, "must be the 12 digits of an AWS account"),
    region,
    ...members,
  })
  .check(...couplings);

/** A stage as its file has it. */
export type StageInput = z.input<typeof stageSchema>;
/** A stage with every member. */
export type Stage = z.output<typeof stageSchema>;
