import type { Environment } from "../adapters/environment.ts";
import type { Line } from "../adapters/styled.ts";
import type { Outside } from "../client/outside.ts";

/** What a command has of the outside. Tests give it another one. */
export type Io = {
  /** The words after `postrider`. */
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Prints a line on standard output: results. Returns `false` while the reader is slower. */
  readonly out: (line: Line) => boolean;
  /** Prints bytes on standard output as they are: never on a terminal, which would obey them. */
  readonly outBytes: (bytes: Uint8Array) => void;
  /** Resolves when the reader of standard output has caught up. */
  readonly drained: () => Promise<void>;
  /** Prints a line on standard error: everything but results. */
  readonly err: (line: Line) => void;
  /**
   * On a terminal, shows how far something is in place of what was shown. An empty text ends it.
   */
  readonly progress: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether a person can be asked: standard input and standard error are terminals. */
  readonly canAsk: boolean;
  /** Asks a yes-or-no question. `undefined`: it was left with Ctrl-C. */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
  /** Asks for a text that is not shown. `undefined`: it was left with Ctrl-C. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
  /** How wide the terminal is. */
  readonly columns: number;
  /** Returns all of standard input, as bytes. */
  readonly readInput: () => Promise<Buffer>;
  /** Aborted by Ctrl-C. A second Ctrl-C ends the process. */
  readonly interrupted: AbortSignal;
  /**
   * Runs a script of the checkout with this terminal and these variables besides its own, and
   * returns its exit code. The package does not have them: then `undefined`.
   */
  readonly runScript: (
    script: "local/main.ts" | "local/audit.ts",
    args: readonly string[],
    environment: Environment,
  ) => Promise<number | undefined>;
  /** Opens a page in the browser of the person, if there is one. */
  readonly openPage: (url: string) => void;
  /** A text that nobody has used before, for ids. */
  readonly token: () => string;
} & Outside;
