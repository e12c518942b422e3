// @ts-expect-error It has no declarations.
import { createRunner } from "jest-light-runner";
import Tinypool from "tinypool";

/*
 * Each process asks jest-light-runner for its configuration, which answers every process that it has
 * given a test. One that is still loading does not hear that, and is not answered when it asks by
 * itself: jest waits for it forever. It happens in a few of a hundred runs, more on a busy machine.
 * So whoever asks is answered, and nobody else.
 */
type Listener = (message: unknown) => void;
type Channel = {
  readonly onMessage: (listener: Listener) => void;
  readonly postMessage: (message: unknown) => void;
};

/** A channel of one process. It is known to the channel of all only while it asks. */
const channelOfOne = (ofAll: Channel): Channel => {
  let answer: Listener = () => {};
  return {
    onMessage: (listener) => {
      answer = listener;
    },
    postMessage: (message) => {
      ofAll.onMessage(answer);
      ofAll.postMessage(message);
    },
  };
};

type Run = (task: unknown, options?: { readonly channel?: Channel }) => Promise<unknown>;
const { run } = Tinypool.prototype as { run: Run };
Object.assign(Tinypool.prototype, {
  run(task: unknown, options: { readonly channel?: Channel } = {}) {
    const { channel } = options;
    return run.call(this, task, { ...options, ...(channel && { channel: channelOfOne(channel) }) });
  },
});

/** A process for each worker, in which Node itself loads the test files. */
export default createRunner({ runtime: "child_process" });
