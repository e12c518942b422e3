#!/usr/bin/env node
// Starts the command. In the package it is compiled; in a checkout it is TypeScript, which the Node
// of the checkout runs, whatever the system has.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = new URL("main.ts", import.meta.url);

if (!existsSync(source)) {
  await import(new URL("../dist/package/cli/main.js", import.meta.url).href);
} else if (process.features.typescript) {
  await import(source.href);
} else {
  const node = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
  const args = [fileURLToPath(source), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: "inherit" });
  // A terminal sends Ctrl-C to both. The command decides when to end, and this waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", () => {
    process.stderr.write("Postrider is not installed here. Run npm ci in the checkout.\n");
    process.exitCode = 1;
  });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
