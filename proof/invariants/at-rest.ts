import { isTerminal } from "../../domain/message.ts";
import type { Past } from "./past.ts";
import type { Violation } from "./promises.ts";

/** What is broken once nothing more will happen: a promise that was made and is not kept. */
export const afterSettling = ({ promised, stored, requests }: Past): readonly Violation[] => {
  const wasRequested = Object.keys(requests).length > 0;
  // Without a promise a message may be there (its answer was lost) or not; if it is, it ends too.
  if (!stored)
    return promised === undefined
      ? []
      : [{ invariant: "ends", what: "acknowledged, and not in the table" }];
  if (!isTerminal(stored.status))
    return [
      { invariant: "ends", what: `still ${stored.status} after ${stored.attempts} attempts` },
    ];
  return stored.status === "COMPLETED" && !wasRequested
    ? [{ invariant: "earned", what: "COMPLETED, and the target never got it" }]
    : [];
};
