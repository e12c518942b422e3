import { onFirstUse } from "./first-use.ts";

/**
 * Loads ElectroDB and the entities that are described for it. What a submit, a delivery and a check of
 * what is due ask of the table is written out: a function that does nothing else starts without them.
 */
export const loadEntities = onFirstUse(() => import("./described/all.ts"));
