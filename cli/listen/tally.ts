import type { ListenEvent } from "./delivery.ts";

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Counts what a listener reports, for one sentence at the end. */
export const tally = () => {
  const counts = { deliveries: 0, refused: 0, repeats: 0 };
  return {
    note: (event: ListenEvent): void => {
      if (event.kind !== "delivery") return;
      counts.deliveries += 1;
      if (event.acceptedBefore) counts.repeats += 1;
      if (event.signature !== "genuine" && event.signature !== "not-checked") counts.refused += 1;
    },
    inWords: (): string => {
      const { deliveries, refused, repeats } = counts;
      return `${counted(deliveries, "request")}: ${refused} refused, ${counted(repeats, "repeat")}.`;
    },
  };
};
