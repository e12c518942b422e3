/**
 * Returns what makes a thing when it is first asked for, and keeps it. Whoever asks meanwhile waits for
 * the same one; if it could not be made, the next who asks has it made again.
 */
export const onFirstUse = <Made>(make: () => Promise<Made>): (() => Promise<Made>) => {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
};
