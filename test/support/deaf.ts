import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

/** Listens, then stands still until something is written to it; after that it answers every request. */
const program = `
  const { readSync, writeSync } = require("node:fs");
  const server = require("node:http").createServer((_, response) => response.end("ok"));
  server.listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => {
    writeSync(1, server.address().port + "\\n");
    readSync(0, Buffer.alloc(1));
  });
`;

/** As many connections as a backlog of 1 holds (listen(2) on Linux). */
const backlogged = 2;

/**
 * A server on loopback that loses the first packet of every connection, as a network would: its
 * backlog is full, so the system drops what comes. Once it hears, what is sent again is answered.
 */
export const openDeaf = async (host: string, port = 0) => {
  const child = spawn(process.execPath, ["--eval", program, "--", host, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const listening = Number(line);
  const fillers = Array.from({ length: backlogged }, () => connect(listening, host).unref());
  for (const filler of fillers) filler.on("error", () => {});
  await Promise.all(fillers.map((filler) => once(filler, "connect")));
  return {
    port: listening,
    hear: () => child.stdin.write("\n"),
    close: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
};
