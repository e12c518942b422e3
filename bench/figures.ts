/** The middle one, or the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = Number.NaN] = [Math.floor(middle), Math.ceil(middle)].map(
    (index) => sorted[index],
  );
  return (low + high) / 2;
};

/** The median of rounds, the smallest and the largest. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** A spread as text: `1.23 (1.20–1.31)`. */
export const shown = ({ median: middle, min, max }: Spread, digits = 2): string => {
  const [text, low, high] = [middle, min, max].map((value) => value.toFixed(digits));
  return `${text} (${low}–${high})`;
};
