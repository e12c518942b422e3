import { showProgress } from "../../adapters/terminal.ts";

/** Says how far it is: on a terminal in one line that is written over, elsewhere a line each time. */
export const progress = () => {
  const { stdout } = process;
  let last = "";
  const note = (text: string): void => {
    if (text === last) return;
    last = text;
    showProgress(stdout, `  ${text}`);
  };
  const end = (): void => {
    if (last !== "") showProgress(stdout, "");
    last = "";
  };
  return { note, end };
};
