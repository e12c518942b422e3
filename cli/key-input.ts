import { isApiKey } from "../domain/api-key.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";

const declined = new Failed({
  kind: "stopped",
  what: "Nothing was stored.",
  next: "Run it again when you have the key.",
});

/** Returns the key for a profile: as it was given, typed in the dark, or the first line of input. */
export const keyFor = async (io: Io, given: string | undefined, whose: string): Promise<string> => {
  const typed =
    given ?? (await (io.canAsk ? io.askSecret(`The API key of ${whose}`) : firstLine(io)));
  if (typed === undefined) throw declined;
  const key = typed.trim();
  if (isApiKey(key)) return key;
  throw new Failed({
    kind: "usage",
    what: "Nothing was stored: this is not an API key (prk_…), or a character of it is wrong.",
    next: "Copy the whole key. Without a terminal it is read from standard input.",
  });
};

const firstLine = async (io: Io): Promise<string> =>
  (await io.readInput()).toString().split("\n")[0] ?? "";
