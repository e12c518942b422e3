import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { environment } from "../../adapters/environment.ts";

const root = join(import.meta.dirname, "../..");

/** A local edition with nothing in it, which ends and leaves nothing behind when it is stopped. */
export type StartedEdition = {
  readonly url: string;
  readonly senderId: string;
  readonly apiKey: string;
  readonly operatorKey: string;
  readonly dataDir: string;
  readonly stop: () => Promise<void>;
};

/** Starts a local edition, as `npm start` does, on a port and with a data directory of its own. */
export const startEdition = async (): Promise<StartedEdition> => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-screenshots-"));
  const child = spawn(process.execPath, ["local/main.ts"], {
    cwd: root,
    env: {
      ...{ PATH: environment()["PATH"], PORT: "0" },
      ...{ POSTRIDER_DATA_DIR: dataDir, POSTRIDER_LOG: "json" },
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await ended;
    await rm(dataDir, { recursive: true });
  };
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes("Listening on")) break;
  // Whoever stops to read must not stop the edition from writing.
  child.stdout.resume();
  const facts = JSON.parse(await readFile(join(dataDir, "local.json"), "utf8"));
  return { ...facts, dataDir, stop };
};
