import { spanInWords } from "../../domain/duration.ts";
import type { PlannedAction } from "./asked.ts";

/** What pages say of each action of a job. */
export const planWords: Readonly<
  Record<
    PlannedAction,
    {
      readonly title: string;
      readonly verb: string;
      readonly tone: "main" | "danger";
      readonly hint: string;
      readonly crumb: readonly [name: "Undelivered" | "Messages", path: string];
    }
  >
> = {
  replay: {
    title: "Plan a replay",
    verb: "Replay",
    tone: "main",
    hint: "It acts on what was counted now. A message that fails later is not in it.",
    crumb: ["Undelivered", "/dashboard/undelivered"],
  },
  cancel: {
    title: "Plan a cancel",
    verb: "Cancel",
    tone: "danger",
    hint: "It acts on what was counted now, and not on a message that is submitted later. One whose attempt is being made ends with it, and may reach its target.",
    crumb: ["Messages", "/dashboard/messages?status=unfinished"],
  },
};

/** Returns how long a job takes at a rate. */
export const takes = (seconds: number, rate: string | undefined): string =>
  `${spanInWords(seconds * 1000)} at ${rate} a second`;
