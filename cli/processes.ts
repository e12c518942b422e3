import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environment } from "../adapters/environment.ts";
import { memoryOptions } from "../adapters/memory-options.ts";
import type { Io } from "./io.ts";

const pathTo = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Runs a script with the Node of the checkout. Ctrl-C reaches it too, and this waits for it. */
export const runScript: Io["runScript"] = async (script, args, variables) => {
  if (!existsSync(pathTo(script))) return undefined;
  const options = [...memoryOptions, pathTo(script), ...args];
  const child = spawn(pathTo("node_modules/.bin/node"), options, {
    stdio: "inherit",
    env: { ...environment(), ...variables },
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
};

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens a page in the browser. Without a browser nothing happens: the address was printed, too. */
export const openPage: Io["openPage"] = (url) => {
  const [program, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
};
