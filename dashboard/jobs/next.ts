import type { Job } from "../../client/job-answers.ts";
import { spanInWords } from "../../domain/duration.ts";
import { counted, number } from "../shown.ts";

/** Returns a sentence on what a job does next, and how long that takes. */
export const nextOfJob = ({ status, progress, ratePerSecond }: Job): string => {
  const { left, scheduled } = progress;
  switch (status) {
    case "RUNNING":
      return left === 0
        ? "It looks once more for messages that match, and then it is over."
        : `${counted(left, "message is", "messages are")} left. At ${number(ratePerSecond)} a second that takes ${spanInWords((left / ratePerSecond) * 1000)}, without the time for its canaries.`;
    case "PAUSED":
    case "STOPPED":
      return `${counted(left, "message waits", "messages wait")} until you resume the job, or cancel it.`;
    case "DONE":
    case "CANCELLED":
      return scheduled === 0
        ? "Nothing: it is over."
        : `The ${counted(scheduled, "attempt")} that the job scheduled ${scheduled === 1 ? "begins" : "begin"}, within a minute.`;
  }
};
