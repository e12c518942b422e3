import type { RunAudit } from "../run-audit/run-audit.ts";
import type { Figures } from "./figures.ts";

/** No time is among them: how fast a machine is says nothing about whether a run went well. */
const rssMbMax = 1500;
/** Growth in the second half of a run of several minutes, when everything is warm. */
const rssMbPerMinuteMax = 60;
const requestsPerMessageSlack = 1.02;

/** What is not bounded as it has to be: a line each. */
export const unbounded = (
  { rssMb, requestsPerMessage }: Figures,
  { facts }: RunAudit,
  { minutes, expectedRequests }: { readonly minutes: number; readonly expectedRequests: number },
): readonly string[] => [
  ...(facts.waiting > 0 ? [`${facts.waiting} messages have not ended`] : []),
  ...(rssMb.max > rssMbMax ? [`${rssMb.max} MB of memory, more than ${rssMbMax}`] : []),
  ...(minutes >= 2 && rssMb.perMinuteLately > rssMbPerMinuteMax
    ? [`memory grows by ${rssMb.perMinuteLately} MB a minute, more than ${rssMbPerMinuteMax}`]
    : []),
  ...(requestsPerMessage > expectedRequests * requestsPerMessageSlack
    ? [`${requestsPerMessage} requests a message, where ${expectedRequests} would do`]
    : []),
];
