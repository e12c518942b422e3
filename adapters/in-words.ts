import type * as z from "zod";

const kinds: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  array: "an array",
  object: "an object",
};

const boundOf = (word: string, bound: number | bigint, origin: string): string => {
  if (origin === "string") return `must be ${word} ${bound} characters long`;
  if (origin !== "array") return `must be ${word} ${bound}`;
  return `must have ${word} ${bound} ${bound === 1 ? "entry" : "entries"}`;
};

/**
 * Describes a fault that zod found: what the value must be, in the words of all our errors. Pass it
 * to every parse of input, so that no text of zod reaches a reader.
 */
export const inWords = (issue: z.core.$ZodRawIssue): string => {
  if (issue.input === undefined) return "is required";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return boundOf("at least", issue.minimum, issue.origin);
    case "too_big":
      return boundOf("at most", issue.maximum, issue.origin);
    default:
      return "is not valid";
  }
};
