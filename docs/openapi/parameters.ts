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
  senderId: z.string().min(1).meta({ description: "The id of the sender." }),
  keyId: z
    .string()
    .min(1)
    .meta({ description: "The id of the key: the beginning of its SHA-256." }),
  jobId: z
    .string()
    .min(1)
    .meta({ description: "The id of the job, as the answer that made it has it." }),
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

/** The headers by which a submit may say which trace it belongs to. */
export const traceContext = z.object({
  traceparent: z.string().optional().meta({
    description:
      "The trace that the request belongs to (W3C Trace Context). It is handed on to the target with each attempt. One that is not valid is ignored.",
  }),
  tracestate: z.string().optional().meta({
    description:
      "Goes with `traceparent`, as it is. Ignored if it is not valid, has more than 32 members or more than 512 characters.",
  }),
});

/** The header by which a submit may name its message. */
export const idempotencyKey = z.object({
  "Idempotency-Key": z.string().optional().meta({
    description:
      "The `messageId`, where the body has none; bare or in double quotes. Where both are given they must be equal.",
  }),
});

/** The header by which a client names the version that it has. */
export const ifNoneMatch = z.object({
  "If-None-Match": z
    .string()
    .optional()
    .meta({ description: "An `ETag` from before. If nothing has changed, the answer is 304." }),
});
