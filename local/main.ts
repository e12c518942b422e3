import "./thread-pool.ts";
import { resolve } from "node:path";
import { systemClock } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import {
  ConfigurationError,
  type LocalSettings,
  localVariables,
  oddities,
  readSettings,
} from "../adapters/settings.ts";
import { printable } from "../domain/printable.ts";
import { banner, reachOf } from "./banner.ts";
import { type Edition, startEdition } from "./edition.ts";
import { jsonLog, textLog } from "./terminal-log.ts";

/** `npm start`: exit code 2 for a faulty configuration, 1 if it cannot start or stop cleanly. */

/** Signals within this time are one and the same. */
const oneSignalMs = 2000;

const print = (line: string): void => {
  process.stdout.write(printable(`${line}\n`));
};

// A log that cannot be written, on a full disk or to a reader that is gone, loses lines. Without a
// listener it would end the process in the middle of its answers.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const settingsOrExit = (): LocalSettings => {
  try {
    return readSettings(localVariables, environment());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(printable(`Postrider did not start. ${error.message}\n`));
    process.exit(2);
  }
};

const reasonOf = (error: unknown, { PORT }: LocalSettings): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "EADDRINUSE"
    ? `Port ${PORT} is in use. Set PORT to another one, or to 0 for any that is free.`
    : message;
};

const start = async (): Promise<void> => {
  const settings = settingsOrExit();
  const isJson =
    settings.POSTRIDER_LOG === "json" ||
    (settings.POSTRIDER_LOG === "auto" && !process.stdout.isTTY);
  const log = (isJson ? jsonLog : textLog)(print, systemClock);
  const warnings = oddities(settings, localVariables, environment());

  let edition: Edition;
  try {
    edition = await startEdition({ settings, log });
  } catch (error) {
    process.stderr.write(printable(`Postrider did not start. ${reasonOf(error, settings)}\n`));
    process.exit(1);
  }
  const dataDir = resolve(settings.POSTRIDER_DATA_DIR);
  const allowed = environment()["POSTRIDER_ALLOW_TARGETS"] || "loopback addresses";
  const http = settings.POSTRIDER_ALLOW_HTTP;
  if (settings.POSTRIDER_LOG === "json") {
    const delivers = `Delivers to ${reachOf({ allowed, http })}`;
    for (const text of [...warnings, delivers, `Listening on ${edition.url}`]) log.note(text);
  } else {
    print(banner({ ...edition, dataDir, now: systemClock(), warnings, allowed, http }));
  }

  let stoppingAt: number | undefined;
  const stop = async (): Promise<void> => {
    // A terminal tells npm and this process of one Ctrl-C, and npm passes it on once more.
    if (stoppingAt !== undefined && systemClock() - stoppingAt < oneSignalMs) return;
    // Asked again: whatever is left is picked up by the next start.
    if (stoppingAt !== undefined) process.exit(1);
    stoppingAt = systemClock();
    log.note("Stopping: what is under way may finish.");
    await edition.stop();
    log.note("Stopped.");
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
};

await start();
