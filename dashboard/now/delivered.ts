import type { ListedMessage } from "../../client/answers.ts";

/** So many of the latest deliveries tell how long they take, where they are not counted. */
export const sampleMax = 100;

export type Durations = { readonly p50Ms?: number; readonly p95Ms?: number };

/** Returns the duration that a share of them does not exceed. They are in ascending order. */
const shareOf = (sorted: readonly number[], share: number): number | undefined =>
  sorted[Math.ceil(sorted.length * share) - 1];

const deliveryMs = ({ createdAt, lastOutcome: last }: ListedMessage): readonly number[] =>
  last?.class === "accepted" ? [Math.max(0, Date.parse(last.at) - Date.parse(createdAt))] : [];

/** Returns how long messages took from the submit to the delivery. */
export const durationsOf = (messages: readonly ListedMessage[]): Durations => {
  const sorted = messages.flatMap(deliveryMs).sort((one, other) => one - other);
  const [p50Ms, p95Ms] = [shareOf(sorted, 0.5), shareOf(sorted, 0.95)];
  return p50Ms === undefined || p95Ms === undefined ? {} : { p50Ms, p95Ms };
};
