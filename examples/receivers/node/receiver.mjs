// A receiver of Postrider's messages: Node 20 or later, and nothing to install.
//
//   WEBHOOK_SECRET=whsec_… PORT=4000 node receiver.mjs
//
// At most WAITING_MAX messages wait for work.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const { WEBHOOK_SECRET = "", PORT = "4000", WAITING_MAX = "1000" } = process.env;
// An empty key would be one that everybody knows.
if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(WEBHOOK_SECRET)) {
  process.stderr.write("Set WEBHOOK_SECRET to the whsec_ secret of the sender.\n");
  process.exit(2);
}
const key = Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64");

const toleranceSeconds = 5 * 60;
const bodyBytesMax = 256 * 1024; // Postrider sends no more.
const retryAfterSeconds = 30;
const rememberedMax = 100_000;

/** Whether Postrider sent exactly this body, just now. `body` are the bytes as they came. */
const isGenuine = (headers, body) => {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const signatures = headers["webhook-signature"] ?? "";
  if (id === "" || !/^\d{1,12}$/.test(timestamp)) return false;

  // Whoever has recorded a request cannot send it again later on.
  const nowSeconds = Math.floor(Date.now() / 1000);
  if (Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) return false;

  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
};

// These two stand in for one table of your database, whose primary key is the webhook-id: what is
// in memory is lost when the process ends, and so are its repeats told apart no more. Insert the id
// together with the message, and mark it as done in the transaction that does the work.
const remembered = new Set();
const waiting = [];

/** Stores a message, unless it is a repeat. Returns what to answer. */
const store = (id, body) => {
  // A repeat is answered like the first one: all is well, there is no need to come again.
  if (remembered.has(id)) return { status: 204 };
  if (waiting.length >= Number(WAITING_MAX))
    return { status: 503, headers: { "retry-after": String(retryAfterSeconds) } };

  remembered.add(id);
  waiting.push({ id, body });
  if (remembered.size > rememberedMax) remembered.delete(remembered.values().next().value);
  return { status: 204 };
};

/** Your work, once for each message. */
const work = async ({ id, body }) => {
  process.stdout.write(`worked on ${id}, ${body.length} bytes\n`);
};

let isWorking = false;
const workOff = async () => {
  if (isWorking) return;
  isWorking = true;
  while (waiting.length > 0) {
    const message = waiting.shift();
    // Postrider has its 2xx and will not come again: what fails now is yours to repeat.
    await work(message).catch((error) => process.stderr.write(`${message.id}: ${error.stack}\n`));
  }
  isWorking = false;
};

/** The bytes of the body; undefined if they are too many, and then none of them are kept. */
const readBody = async (request) => {
  let chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
    else chunks = [];
  }
  return bytes > bodyBytesMax ? undefined : Buffer.concat(chunks);
};

const receive = async (request) => {
  // Nobody listens there any more, and nobody will: Postrider gives up at once.
  if (request.url === "/old-hook") return { status: 410 };
  if (request.url !== "/hook" || request.method !== "POST") return { status: 404 };

  const body = await readBody(request);
  if (body === undefined) return { status: 413 };
  if (!isGenuine(request.headers, body)) return { status: 401 };
  return store(request.headers["webhook-id"], body);
};

const server = createServer(async (request, response) => {
  // Whatever goes wrong before the message is stored is no 2xx, and Postrider comes again.
  const { status, headers } = await receive(request).catch(() => ({ status: 500 }));
  response.writeHead(status, headers).end();
  workOff();
});
server.listen(Number(PORT), "127.0.0.1", () => {
  process.stdout.write(`Listening on http://127.0.0.1:${server.address().port}/hook\n`);
});
