import type { Tracing } from "../adapters/tracing.ts";

/** Tracing whose spans are sent beside the work, and what waits until the last of them are. */
export type BackgroundTracing = Tracing & { readonly ended: () => Promise<void> };

/**
 * Sends spans without anybody waiting for it: here the process goes on after an invocation, which on
 * Lambda it does not. One export at a time, so that many small flushes become few exports.
 */
export const inBackground = ({ start, flush }: Tracing): BackgroundTracing => {
  let isAsked = false;
  let underWay: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    while (isAsked) {
      isAsked = false;
      await flush();
    }
    underWay = undefined;
  };
  const ask = (): Promise<void> => {
    isAsked = true;
    underWay ??= send();
    return underWay;
  };
  return { start, flush: async () => void ask(), ended: ask };
};
