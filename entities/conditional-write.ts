import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { Item } from "./raw-item.ts";

/** What came of a conditional write: the item as it was, where the engine returns it. */
export type ConditionalWrite = { readonly rejected: boolean; readonly item?: Item | undefined };

/** Resolves to what came of a write. A condition that did not hold is a value, not an error. */
export const conditionalWrite = async (
  write: Promise<{ readonly Attributes?: Item | undefined }>,
): Promise<ConditionalWrite> => {
  try {
    const { Attributes } = await write;
    return { rejected: false, item: Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { rejected: true, item: error.Item };
  }
};
