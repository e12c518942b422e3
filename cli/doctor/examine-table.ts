import { tableState } from "../../entities/table-state.ts";
import type { Finding } from "../finding.ts";
import { awsOutside, type Place } from "../outside.ts";
import { Refused } from "../refused.ts";
import { tableFindings } from "./table-findings.ts";

/** Looks at a table on AWS, with the credentials that the SDK finds. What AWS refuses is a finding. */
export const examineTable = async (
  place: Pick<Place, "table" | "region">,
): Promise<readonly Finding[]> => {
  const { storage, ask } = awsOutside(place);
  try {
    return tableFindings(storage.table, await ask(() => tableState(storage)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [{ level: "broken", about: "table", what: error.message }];
  }
};
