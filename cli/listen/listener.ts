import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import { answer } from "./answer.ts";
import {
  type Delivery,
  headerOf,
  type ListenEvent,
  numberIn,
  previewOf,
  readBody,
  signatureOf,
} from "./delivery.ts";
import { type MessageMemory, messageMemory } from "./memory.ts";
import { isAcceptedBy, type Play, treatmentOf } from "./play.ts";

type Deps = {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** A request is answered when its event has been told. */
  readonly onEvent: (event: ListenEvent) => Promise<void> | void;
};

export type ListenOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  /** The signing secrets of senders, any of which may sign; without one nothing is checked. */
  readonly secrets: readonly string[];
  readonly play: Play;
  readonly showsBody: boolean;
};

const messagesMax = 10_000;
/**
 * Longer than any attempt of Postrider's, and short for whoever does not send what it announced.
 */
const requestMsMax = 60_000;
const connectionsMax = 200;
const pathCharsMax = 200;

/** Returns what is read off the head of a request. */
const headOf = ({ method = "", url = "", headers }: IncomingMessage) => ({
  method,
  path: url.slice(0, pathCharsMax),
  webhookId: headerOf(headers, "webhook-id"),
  messageId: headerOf(headers, "postrider-message-id"),
  senderId: headerOf(headers, "postrider-sender-id"),
  attempt: numberIn(headers, "postrider-attempt"),
  replay: numberIn(headers, "postrider-replay"),
  contentType: headerOf(headers, "content-type"),
});

/** Reads a request and decides how to treat it. Rejects if its sender leaves before its end. */
const deliveryOf = async (
  request: IncomingMessage,
  memory: MessageMemory,
  clock: Clock,
  { secrets, play, showsBody }: ListenOptions,
): Promise<Delivery> => {
  const body = await readBody(request);
  const at = clock();
  const signature = await signatureOf(body, request.headers, secrets, at);
  const isTaken = signature === "genuine" || signature === "not-checked";
  const head = headOf(request);
  // Not what is refused: whoever forges an id has no part in the message of that id.
  const { seen, isAccepted } =
    isTaken && head.webhookId !== undefined
      ? memory.meet(head.webhookId)
      : { seen: 1, isAccepted: false };
  const refusal = signature === "too-large" ? "too-large" : "refused";
  const verdict = isTaken ? "taken" : refusal;
  return {
    ...{ ...head, at, signature, seen, acceptedBefore: isAccepted, bytes: body.bytes },
    answer: treatmentOf(play, { verdict, seen }),
    ...(showsBody && { body: previewOf(body) }),
  };
};

/** Treats one request. Never rejects: whatever comes, the listener goes on. */
const receive = async (
  { clock, sleep, onEvent }: Deps,
  options: ListenOptions,
  memory: MessageMemory,
  [request, response]: readonly [IncomingMessage, ServerResponse],
): Promise<void> => {
  const left = async (during: "body" | "answer"): Promise<void> => {
    const { method, path } = headOf(request);
    await onEvent({ kind: "left", at: clock(), method, path, during });
  };
  let delivery: Delivery;
  try {
    delivery = await deliveryOf(request, memory, clock, options);
  } catch {
    await left("body");
    response.destroy();
    return;
  }
  await onEvent({ kind: "delivery", ...delivery });
  const isAnswered = await answer(response, delivery.answer, sleep);
  if (!isAnswered) await left("answer");
  else if (isAcceptedBy(delivery.answer) && delivery.webhookId !== undefined)
    memory.accept(delivery.webhookId);
};

/**
 * Opens a receiver on the loopback interface, which reports each request, says whether it is
 * genuine and treats it by the play. Nothing that comes ends it. Rejects if the port is not free.
 */
export const openListener = async (deps: Deps, options: ListenOptions) => {
  const memory = messageMemory(messagesMax);
  const server = createServer({ requestTimeout: requestMsMax }, (request, response) => {
    response.on("error", () => {});
    void receive(deps, options, memory, [request, response]);
  });
  server.maxConnections = connectionsMax;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code = "" } = error;
    // Only what the parser refuses: who hangs up or is silent sent nothing that is not HTTP.
    if (code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE")
      void deps.onEvent({ kind: "garbage", at: deps.clock(), code });
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    else socket.destroy();
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async (): Promise<void> => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
export type Listener = Awaited<ReturnType<typeof openListener>>;
