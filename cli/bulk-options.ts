import type { Command } from "commander";
import * as z from "zod";
import { limits } from "../domain/limits.ts";
import { filterShape, withFilter } from "./filter-options.ts";
import { countOption } from "./time-option.ts";

/** Adds the options of a command that acts on one message, or by a job on many. */
export const withBulk = (command: Command): Command =>
  withFilter(command.argument("[messageId]", "the id of one message"))
    .option("--rate <n>", "how many messages begin in a second")
    .option("--plan", "only say what it would do")
    .option("--yes", "ask nothing")
    .option("--detach", "begin, and do not wait until it has ended");

/** Returns the schema of these options. */
export const bulkShape = (now: number) => ({
  messageId: z.string().optional(),
  ...filterShape(now),
  rate: countOption(1, limits.jobRatePerSecondMax).optional(),
  plan: z.boolean().optional(),
  yes: z.boolean().optional(),
  detach: z.boolean().optional(),
});

type Given = Readonly<Record<string, unknown>>;
const filterOptions = ["status", "reason", "target", "from", "to"];
const jobOptions = [...filterOptions, "rate", "plan", "detach"];

/**
 * Returns what must hold between these options: one message, or a filter. `ofMany` and `ofOne` are
 * options of the command that go with one of the two.
 */
export const oneOrMany = (ofOne: readonly string[], ofMany: readonly string[]) =>
  z.superRefine<Given>(
    (given, context) => {
      const isOne = given["messageId"] !== undefined;
      const isMany = filterOptions.some((name) => given[name] !== undefined);
      const fault = (path: string, message: string): void =>
        context.addIssue({ code: "custom", path: [path], message });
      if (!isOne && !isMany)
        fault("messageId", "is required, or a filter such as --status FAILED or --from 24h");
      const wrong = isOne ? [...jobOptions, ...ofMany] : ofOne;
      for (const name of wrong)
        if (given[name] !== undefined)
          fault(name, isOne ? "is for many messages, not for one" : "is for one message only");
    },
    { when: () => true },
  );
