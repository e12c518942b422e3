import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { entriesOf } from "../../domain/json-source.ts";
import { limits } from "../../domain/limits.ts";
import { invalid, issuesOf } from "../submission/issues.ts";
import type { JsonText } from "../submission/json-text.ts";
import { isObject } from "../submission/members.ts";
import { memberIn } from "../submission/written.ts";

/** What is in the messages is judged later, each by itself. */
export const batchMembers = z.strictObject({
  messages: z.array(z.unknown()).min(1).max(limits.batchMessagesMax),
});

/**
 * Returns the messages of a batch, each with the text that stands in the request. Throws
 * VALIDATION_ERROR with every fault of what is around them.
 */
export const batchEntries = ({ text, value }: JsonText): readonly JsonText[] => {
  const parsed = batchMembers.safeParse(value, { error: inWords });
  const { source, faults } = isObject(value) ? memberIn(text, "messages") : { faults: [] };
  const issues = [...(parsed.success ? [] : issuesOf(parsed.error)), ...faults];
  if (!parsed.success || source === undefined || issues.length > 0) throw invalid(issues);
  const { messages } = parsed.data;
  return entriesOf(source).map((entry, index) => ({ text: entry, value: messages[index] }));
};
