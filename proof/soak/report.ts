/** What a run came to. */
export type Report = {
  /** For a person to read. */
  readonly lines: readonly string[];
  /** Whether every promise was kept. */
  readonly isKept: boolean;
  /** Why the run proves nothing, if it does not. */
  readonly notProved: string | undefined;
  /** For a program to read. */
  readonly figures: object;
};
