import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../adapters/clock.ts";
import { behaviourOf, type Shares } from "./behaviour.ts";
import { contentDigest } from "./content.ts";
import type { EventLog } from "./log.ts";

export type ReceiverOptions = {
  /** The signing secret of each sender that may send here. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly shares: Shares;
  readonly seed: number;
  /** How long an answer takes. */
  readonly delayMs: number;
};

/** Standard Webhooks 1.0, written anew here: the product must not verify itself. */
const isSignedWith = (secret: string, headers: IncomingMessage["headers"], body: Buffer) => {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`;
  const expected = createHmac("sha256", key).update(content).update(body).digest();
  return String(headers["webhook-signature"])
    .split(" ")
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/**
 * A target on loopback that writes down each request that it has read and each answer before it
 * gives it, and that fails by share. `GET /state` says how many requests it has under way.
 */
export const openReceiver = async (options: ReceiverOptions & { log: EventLog; clock: Clock }) => {
  const { secrets, shares, seed, delayMs, log, clock } = options;
  let requests = 0;
  let inFlight = 0;

  const answer = (response: ServerResponse, status: number, headers: Record<string, string> = {}) =>
    response.writeHead(status, headers).end("noted");

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const { method = "", url: path = "", headers } = request;
    const key = {
      senderId: String(headers["postrider-sender-id"]),
      messageId: String(headers["postrider-message-id"]),
    };
    const attempt = Number(headers["postrider-attempt"]);
    const [, , tenant = ""] = path.split("/");
    const [signedBy] =
      Object.entries(secrets).find(([, secret]) => isSignedWith(secret, headers, body)) ?? [];
    const content = contentDigest({ method, path, headers, body });
    const seen = { key, attempt } as const;
    log.write({ kind: "requested", at: clock(), ...seen, content, tenant, signedBy });
    requests += 1;
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
    });
    await new Promise((go) => setTimeout(go, delayMs));

    const behaviour = behaviourOf(shares, seed, key, attempt);
    const note = (status: number, retryAfterMs?: number) =>
      log.write({ kind: "answered", at: clock(), ...seen, status, retryAfterMs });
    switch (behaviour) {
      case "hanging":
        return;
      case "reset":
        request.socket.resetAndDestroy();
        return;
      case "broken":
        note(503);
        answer(response, 503);
        return;
      case "throttled":
        note(429, 2000);
        answer(response, 429, { "retry-after": "2" });
        return;
      case "cut":
        note(200);
        log.write({ kind: "fault", what: "lost-answer", at: clock(), key });
        answer(response, 200).once("finish", () => request.socket.resetAndDestroy());
        return;
      case "fine":
        note(200);
        answer(response, 200);
    }
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    if (request.url === "/state") {
      response.end(JSON.stringify({ requests, inFlight }));
      return;
    }
    // A caller that was killed in the middle of a request has asked for nothing.
    take(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
