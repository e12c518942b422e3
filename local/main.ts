import "./thread-pool.ts";
import { resolve } from "node:path";
import { systemClock } from "../adapters/clock.ts";
import { ConfigurationError, environment } from "../adapters/environment.ts";
import { readSettings, type SettingsOf, settingWarnings } from "../adapters/read-settings.ts";
import { settings as settingsTable } from "../adapters/settings.ts";
import { endOnUncaught, print, printError } from "../adapters/terminal.ts";
import { banner, reachOf } from "./banner.ts";
import { type Edition, startEdition } from "./edition.ts";
import { jsonLog, textLog } from "./terminal-log.ts";

/** `npm start`: exit code 2 for a faulty configuration, 1 if it cannot start or stop cleanly. */

/** Signals within this time are one and the same. */
const oneSignalMs = 2000;

const printLine = (line: string): void => {
  print(`${line}\n`);
};

// A log that cannot be written, on a full disk or to a reader that is gone, loses lines. Without a
// listener it would end the process in the middle of its answers.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const settingsOrExit = (): SettingsOf<"local"> => {
  try {
    return readSettings("local", environment());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    printError(`Postrider did not start. ${error.message}\n`);
    process.exit(2);
  }
};

const reasonOf = (error: unknown, { port }: SettingsOf<"local">): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "EADDRINUSE"
    ? `Port ${port} is in use. Set PORT to another one, or to 0 for any that is free.`
    : message;
};

const start = async (): Promise<void> => {
  const settings = settingsOrExit();
  const isJson =
    settings.logFormat === "json" || (settings.logFormat === "auto" && !process.stdout.isTTY);
  const log = (isJson ? jsonLog : textLog)(printLine, systemClock);
  const warnings = settingWarnings(settings, environment());

  let edition: Edition;
  try {
    edition = await startEdition({ settings, log });
  } catch (error) {
    printError(`Postrider did not start. ${reasonOf(error, settings)}\n`);
    process.exit(1);
  }
  // Before it is announced: whoever reads that it listens may stop it at once.
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

  const dataDir = resolve(settings.dataDir);
  const allowed = environment()["POSTRIDER_ALLOW_TARGETS"] || "loopback addresses";
  const http = settings.allowHttp;
  const { tracingEndpoint } = settings;
  if (settings.logFormat === "json") {
    const delivers = `Delivers to ${reachOf({ allowed, http })}`;
    const traces = tracingEndpoint === undefined ? [] : [`Traces to ${tracingEndpoint}`];
    for (const text of [...warnings, delivers, ...traces, `Listening on ${edition.url}`])
      log.note(text);
  } else {
    const isUsualDir = dataDir === resolve(settingsTable.dataDir.fallback);
    const facts = { ...edition, dataDir, isUsualDir, now: systemClock(), warnings };
    printLine(banner({ ...facts, allowed, http, tracingEndpoint }));
  }
};

endOnUncaught(1);
await start();
