/** How long one answer may take. */
const timeoutMs = 5000;

/**
 * Puts the answer to an event of CloudFormation to the address that came with it, which is signed for an
 * empty content type. Throws if it is not taken: Lambda then hands the same event over again. The error
 * does not name the address, by which anybody could answer.
 */
export const putAnswer = async (url: string, text: string): Promise<void> => {
  const { ok, status } = await fetch(url, {
    method: "PUT",
    headers: { "content-type": "" },
    body: text,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!ok) throw new Error(`CloudFormation did not take the answer: ${status}`);
};
