import type { Command } from "commander";
import * as z from "zod";
import type { ListFilter } from "../client/requests.ts";
import { failReasons, statuses } from "../domain/message.ts";
import { pastTime } from "./time-option.ts";

/** Adds the options that select messages. */
export const withFilter = (command: Command): Command =>
  command
    .option("--status <status>", `${statuses.join(", ")} or unfinished`)
    .option("--reason <reason>", `why they FAILED: ${failReasons.join(", ")}`)
    .option("--target <host>", "a host such as example.com:8443, or a whole URL")
    .option("--from <time>", "not before this time: RFC 3339, or such as 2h ago")
    .option("--to <time>", "before this time");

const status = z
  .string()
  .transform((text) => (text.toLowerCase() === "unfinished" ? "unfinished" : text.toUpperCase()))
  .pipe(z.enum([...statuses, "unfinished"], `must be one of ${statuses.join(", ")}, unfinished`));

/** Returns the schema of these options. */
export const filterShape = (now: number) => ({
  status: status.optional(),
  reason: z.enum(failReasons).optional(),
  target: z.string().optional(),
  from: pastTime(now).optional(),
  to: pastTime(now).optional(),
});

/** Returns the filter in what was given, and nothing else. */
export const filterIn = ({ status, reason, target, from, to }: ListFilter): ListFilter => ({
  ...{ status, reason, target, from, to },
});
