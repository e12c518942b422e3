import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { environment } from "../adapters/environment.ts";
import type { SlowTargets } from "./slow-targets.ts";

/** Measures the memory of a worker's HTTP client while so many targets let it wait. */
export const measureSlowTargets = async (count: number): Promise<SlowTargets> => {
  const held: ServerResponse[] = [];
  const all = Promise.withResolvers<void>();
  let isHolding = false;
  const servers = Array.from({ length: count }, () =>
    createServer((incoming, response) => {
      incoming.resume();
      if (!isHolding) response.end();
      else if (held.push(response) === count) all.resolve();
    }),
  );
  await Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const child = fork(join(import.meta.dirname, "slow-targets.ts"), {
    env: { PATH: environment()["PATH"] },
    execArgv: [],
  });
  const next = async (): Promise<Partial<SlowTargets>> => (await once(child, "message"))[0];
  try {
    await next();
    child.send({ ports });
    const { beforeMiB = Number.NaN } = await next();
    isHolding = true;
    await all.promise;
    child.send("arrived");
    const { waitingMiB = Number.NaN } = await next();
    for (const response of held) response.end();
    const { afterMiB = Number.NaN, answered = 0 } = await next();
    return { beforeMiB, waitingMiB, afterMiB, answered };
  } finally {
    child.kill();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
};
