/** Resolves to the result of the work, or rejects with the signal's reason if it aborts first. */
export const within = async <Result>(
  signal: AbortSignal,
  work: Promise<Result>,
): Promise<Result> => {
  const { promise: timeIsUp, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([work, timeIsUp]);
  } finally {
    signal.removeEventListener("abort", end);
  }
};
