import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { systemClock } from "../adapters/clock.ts";

/** Where and when something was measured. */
export type Machine = {
  readonly node: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryGiB: number;
  /** Processes that wanted to run in the last minute, on average. */
  readonly load: number;
  /** The commit that was checked out, with a + if something was changed since. */
  readonly commit: string;
  readonly at: string;
};

const git = (...args: readonly string[]): string => {
  try {
    const { dirname } = import.meta;
    return execFileSync("git", args, { cwd: dirname, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return ""; // not a checkout
  }
};

export const machineNow = (): Machine => ({
  node: process.version,
  processors: availableParallelism(),
  model: cpus()[0]?.model ?? "",
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  load: loadavg()[0] ?? Number.NaN,
  commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`,
  at: new Date(systemClock()).toISOString().slice(0, 10),
});
