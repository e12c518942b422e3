/** Returns what an act prints on standard output, which shows nothing of it. */
export const printedBy = (act: () => void): string => {
  const { write } = process.stdout;
  let text = "";
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  try {
    act();
  } finally {
    process.stdout.write = write;
  }
  return text;
};
