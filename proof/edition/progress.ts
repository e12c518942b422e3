import { printableLine } from "../../domain/printable.ts";
/** Says how far it is: on a terminal in one line that is written over, elsewhere a line each time. */
export const progress = () => {
  const { stdout } = process;
  let last = "";
  const note = (text: string): void => {
    if (text === last) return;
    last = text;
    stdout.write(
      stdout.isTTY ? `\r\u001b[K  ${printableLine(text)}` : `  ${printableLine(text)}\n`,
    );
  };
  const end = (): void => {
    if (stdout.isTTY && last !== "") stdout.write("\r\u001b[K");
    last = "";
  };
  return { note, end };
};
