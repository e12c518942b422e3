/** How one call is to be answered where DynamoDB leaves it open. */
export type Leeway = {
  /** How old what is read may be, unless the read asks for consistency. */
  readonly staleMs: number;
  /** Whether a lost condition brings the item along that stood in its way. */
  readonly isOldItemShown: boolean;
  /** How many keys of a batch are read; the others are left for later. Absent: all of them. */
  readonly keysRead?: number;
};
export const plainly: Leeway = { staleMs: 0, isOldItemShown: true };

/** How many earlier versions of an item, and states of an index, can still be read. */
export const versionsKept = 16;

export type Version<Value> = { readonly at: number; readonly value: Value };

/** What there was at a time, as far as it is still known: the first is what there was before all. */
export const asOf = <Value>(versions: readonly Version<Value>[], time: number): Value | undefined =>
  (versions.findLast(({ at }) => at <= time) ?? versions[0])?.value;

export const keep = <Value>(versions: Version<Value>[], version: Version<Value>): void => {
  versions.push(version);
  if (versions.length > versionsKept) versions.shift();
};
