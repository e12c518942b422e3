import * as z from "zod";

/** The answer of the health check. */
export const health = z
  .strictObject({ status: z.literal("ok").meta({ description: "Always `ok`." }) })
  .meta({ id: "Health", description: "The process runs." });
