import * as z from "zod";

/** The parameters of paths, by name. */
const about: Readonly<Record<string, z.ZodType>> = {
  messageId: z
    .string()
    .min(1)
    .meta({
      description:
        "The id of the message. One with characters other than `A-Z a-z 0-9 _ . : -` is written as `~` and its base64url without padding.",
      examples: ["order-1"],
    }),
};

/** Returns the schema of the parameters of a path. Throws if one is not described. */
export const pathParameters = (names: readonly string[]): z.ZodObject =>
  z.object(
    Object.fromEntries(
      names.map((name) => {
        const described = about[name];
        if (!described)
          throw new Error(`Describe the path parameter ${name} in docs/openapi/parameters.ts.`);
        return [name, described];
      }),
    ),
  );
