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
 * What zod finds wrong, in the words of whoever reads it: what a value must be, as everything else
 * that refuses one says it. To be given to every parse of what somebody wrote, so that no text of
 * zod's own gets out.
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
