import { join } from "node:path";
import { startChild } from "./children.ts";
import type { ReceiverOptions } from "./receiver.ts";

export type ReceiverProcess = {
  readonly url: string;
  /** How many requests it has had, and how many it has under way. */
  readonly state: () => Promise<{ readonly requests: number; readonly inFlight: number }>;
  readonly stop: () => Promise<void>;
};

/** Starts the receiver; its log is in `file`, complete when it has stopped. */
export const startReceiver = async (
  file: string,
  options: ReceiverOptions,
): Promise<ReceiverProcess> => {
  const script = join(import.meta.dirname, "receive.ts");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = startChild(process.execPath, [script, file, JSON.stringify(options)], {
    onLine: (line) => resolve(line),
  });
  child.ended.then(() => reject(new Error("The receiver did not start")));
  const url = await promise;
  if (!url.startsWith("http://127.0.0.1:")) throw new Error(`The receiver said: ${url}`);
  return {
    url,
    state: async () => {
      const answer = await fetch(`${url}/state`);
      return (await answer.json()) as { requests: number; inFlight: number };
    },
    stop: async () => {
      child.process.kill("SIGTERM");
      await child.ended;
    },
  };
};
