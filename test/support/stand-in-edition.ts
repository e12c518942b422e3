import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { challengeHeader, proofHeader, proofOf } from "../../adapters/operator-proof.ts";
import { formatApiKey } from "../../domain/api-key.ts";

/**
 * What a local edition leaves in its data directory, and something at the address that is there: the
 * edition itself, or with `isOther` a process that has its port by now.
 */
export const openStandInEdition = async ({ isOther = false } = {}) => {
  const accessKeyId = "secret-of-the-engine";
  const server = createServer(({ headers }, response) => {
    const known = isOther ? "another secret" : accessKeyId;
    const proof = proofOf(known, String(headers[challengeHeader])).toString("hex");
    response.setHeader(proofHeader, proof).end("{}");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const facts = {
    url: "http://127.0.0.1:8787",
    senderId: "demo",
    apiKey: formatApiKey(new Uint8Array(32).fill(1)),
    operatorKey: formatApiKey(new Uint8Array(32).fill(2)),
    signingSecret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    signInUrl: "http://127.0.0.1:8787/dashboard/sign-in?token=t",
    pid: 1,
  };
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-stand-in-"));
  const access = { table: "t", endpoint, accessKeyId, masterKeyId: "m" };
  await writeFile(join(dataDir, "operator.json"), JSON.stringify(access));
  await writeFile(join(dataDir, "local.json"), JSON.stringify(facts));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await rm(dataDir, { recursive: true });
  };
  return { dataDir, facts, close };
};
