import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { MessageKey } from "../../domain/message.ts";
import type {
  Answered,
  Asked,
  Faulted,
  Found,
  Requested,
  Settled,
  Told,
} from "../invariants/events.ts";

/** What was asked, and when it was meant to be: a sender that is held up must not look fast. */
export type RunAsked = Asked & { readonly intendedAt: number };

/** A request as a receiver logs it: whose target it was, and whose secret signed what arrived. */
export type RunRequested = Requested & { readonly tenant: string; readonly signedBy?: string };

export type RunAnswered = Answered & { readonly retryAfterMs?: number };

/** A fault that concerns one message only has its key; one attempt only, its number. */
export type RunFaulted = Faulted & { readonly key?: MessageKey; readonly attempt?: number };

/** What the logs of a run hold: the events of `invariants/`, with what only a run can know. */
export type RunEvent = RunAsked | Told | RunRequested | RunAnswered | RunFaulted | Found | Settled;

export type EventLog = {
  readonly write: (event: RunEvent) => void;
  /** Resolves when everything is in the file. */
  readonly close: () => Promise<void>;
};

/** A file with one event a line, as JSON. */
export const openLog = (file: string): EventLog => {
  const stream = createWriteStream(file);
  return {
    write: (event) => {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    close: async () => {
      stream.end();
      await finished(stream);
    },
  };
};

export const readLog = async (file: string): Promise<readonly RunEvent[]> =>
  (await readFile(file, "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEvent);

/**
 * One log out of several, in the order of time. Give the sender's first: what happens in one
 * millisecond stays in the order given, and nobody is asked for what was not handed over.
 */
export const mergedLog = (...logs: readonly (readonly RunEvent[])[]): readonly RunEvent[] =>
  logs.flat().sort((one, other) => one.at - other.at);
