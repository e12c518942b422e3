import * as z from "zod";
import type { DeliveryRecord } from "../../domain/record.ts";

const recordSchema: z.ZodType<DeliveryRecord> = z.object({
  v: z.literal(1),
  senderId: z.string().min(1),
  messageId: z.string().min(1),
  attempt: z.int().min(1),
});

/** Parses a record. A record that cannot be read fails, and ends on the dead-letter queue. */
export const recordOf = (body: string): DeliveryRecord => recordSchema.parse(JSON.parse(body));
