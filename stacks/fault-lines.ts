import type * as z from "zod";

/** Returns a line for each fault that zod found, with the path of the member. */
export const faultLines = (error: z.ZodError, unknown: string): readonly string[] =>
  error.issues.flatMap((issue): readonly string[] => {
    const at = (...path: PropertyKey[]): string => [...issue.path, ...path].join(".");
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${at(key)} ${unknown}`)
      : [`${at()} ${issue.message}`];
  });
