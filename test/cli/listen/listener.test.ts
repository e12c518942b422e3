import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { guardedPost } from "../../../adapters/http.ts";
import { rendered } from "../../../adapters/styled.ts";
import type { Delivery, ListenEvent } from "../../../cli/listen/delivery.ts";
import { openListener } from "../../../cli/listen/listener.ts";
import type { Play } from "../../../cli/listen/play.ts";
import { eventLines } from "../../../cli/listen/words.ts";
import { limits } from "../../../domain/limits.ts";
import { requestOf } from "../../../domain/request.ts";
import { formatSecret } from "../../../domain/signature.ts";
import { loopbackOpen } from "../../support/hostile.ts";
import { aMessage, aMessageId, t0, utf8 } from "../../support/messages.ts";

const secret = formatSecret(Buffer.alloc(32, 1));
const good: Play = { status: 204, delayMs: 0, manner: "plain", times: Number.POSITIVE_INFINITY };
const body = utf8('{"hello":"world"}');

const events: ListenEvent[] = [];
const waits: number[] = [];
/** Returns an event as it is printed. */
const eventInWords = (event: ListenEvent): string =>
  eventLines(event)
    .map((line) => `${rendered(line, false)}\n`)
    .join("");

/** Set by a test that waits for the next event. */
let onNext = (): void => {};
const nextEvent = (): Promise<void> => new Promise((resolve) => (onNext = resolve));

const post = guardedPost({ policy: loopbackOpen, clock: Date.now });
const opened: { readonly close: () => Promise<void> }[] = [];

const open = async (play: Partial<Play> = {}, secrets: readonly string[] = [secret]) => {
  const listener = await openListener(
    {
      clock: () => t0,
      sleep: async (ms) => {
        waits.push(ms);
      },
      onEvent: (event) => {
        events.push(event);
        onNext();
      },
    },
    { port: 0, secrets, play: { ...good, ...play }, showsBody: true },
  );
  opened.push(listener);
  return listener;
};

beforeEach(() => {
  events.length = 0;
  waits.length = 0;
});
afterAll(async () => {
  for (const listener of opened) await listener.close();
});

/** Sends a message as the worker does. Returns the status of the answer, or why there was none. */
const deliver = async (
  url: string,
  messageId: string,
  { signedWith = secret, at = t0, content = body } = {},
): Promise<number | string> => {
  const message = { ...aMessage({ messageId }), targetUrl: url, attempts: 1 };
  const exchange = await post(requestOf(message, { body: content }, [signedWith], at), 15_000);
  return exchange.kind === "answered" ? exchange.status : exchange.class;
};

const deliveries = (): readonly Delivery[] => events.filter((event) => event.kind === "delivery");

describe("A listener", () => {
  test("takes what is signed, and tells of it", async () => {
    const { url } = await open();

    const status = await deliver(`${url}/hook`, "order-7");

    expect(status).toBe(204);
    expect(events.map(eventInWords)).toEqual([
      [
        "09:00:00.000  POST /hook: answers 204",
        "  message     order-7 of shop, attempt 1",
        "  webhook-id  msg_Qu29Iwch_lZnUzypxaMEdHePa-vQk9jEtBCE68TFzNw",
        "  signature   genuine",
        "  body        17 bytes",
        '              {"hello":"world"}',
        "",
      ].join("\n"),
    ]);
  });

  test("refuses what another secret signed, and what is old, and says why", async () => {
    const { url } = await open();
    const signedWith = formatSecret(Buffer.alloc(32, 2));

    const statuses = [
      await deliver(url, "order-7", { signedWith }),
      await deliver(url, "order-7", { at: t0 - 301_000 }),
      (await fetch(url, { method: "POST", body: "hello" })).status,
    ];

    expect(statuses).toEqual([401, 401, 401]);
    expect(deliveries().map(({ signature }) => signature)).toEqual([
      ...["wrong-signature", "too-old", "no-webhook-id"],
    ]);
  });

  test("takes everything where it has no secret, and says that it checks nothing", async () => {
    const { url } = await open({}, []);

    expect(await deliver(url, "order-7", { at: t0 - 301_000 })).toBe(204);
    expect(deliveries()[0]?.signature).toBe("not-checked");
  });

  test("tells a repeat of what it accepted from another attempt of what it did not", async () => {
    const { url } = await open({ status: 503, times: 2 });
    const messageId = aMessageId();
    const statuses = [];

    for (let request = 1; request <= 4; request += 1) statuses.push(await deliver(url, messageId));

    expect(statuses).toEqual([503, 503, 204, 204]);
    expect(deliveries().map(({ seen, acceptedBefore }) => [seen, acceptedBefore])).toEqual([
      ...[
        [1, false],
        [2, false],
        [3, false],
      ],
      [4, true],
    ]);
  });

  test("does not count a forged request as one of the message", async () => {
    const { url } = await open({ status: 503, times: 1 });
    const messageId = aMessageId();

    await deliver(url, messageId, { signedWith: formatSecret(Buffer.alloc(32, 2)) });

    expect(await deliver(url, messageId)).toBe(503);
    expect(deliveries().map(({ seen }) => seen)).toEqual([1, 1]);
  });

  test("misbehaves with the first requests of each message only", async () => {
    const { url } = await open({ status: 500, times: 1 });
    const [one, another] = [aMessageId(), aMessageId()];

    expect(await deliver(url, one)).toBe(500);
    expect(await deliver(url, another)).toBe(500);
    expect(await deliver(url, one)).toBe(204);
  });

  test("waits before it answers", async () => {
    const { url } = await open({ delayMs: 2000 });

    expect(await deliver(url, aMessageId())).toBe(204);
    expect(waits).toEqual([2000]);
  });

  test("closes the connection without an answer", async () => {
    const { url } = await open({ manner: "drop" });

    expect(await deliver(url, aMessageId())).toBe("reset");
  });

  test("answers byte by byte, and that is HTTP all the same", async () => {
    const { url } = await open({ manner: "slow", status: 202 });

    expect(await deliver(url, aMessageId())).toBe(202);
    expect(waits.length).toBeGreaterThan("HTTP/1.1 202 Accepted".length);
    expect(new Set(waits)).toEqual(new Set([500]));
  });

  test("does not keep a body that is larger than any of Postrider's", async () => {
    const { url } = await open();

    const status = await deliver(url, aMessageId(), {
      content: new Uint8Array(limits.bodyBytesMax + 1),
    });

    expect(status).toBe(413);
    expect(deliveries()[0]).toMatchObject({
      ...{ bytes: limits.bodyBytesMax + 1, signature: "too-large", body: "" },
    });
  });

  test("survives whoever hangs up in the middle of a body, and what is not HTTP", async () => {
    const { url } = await open();
    const port = Number(new URL(url).port);
    const hangUp = connect(port, "127.0.0.1");
    hangUp.write("POST /hook HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhello");
    const left = nextEvent();
    hangUp.end();
    await left;
    const garbage = connect(port, "127.0.0.1");
    garbage.write("\u0016\u0003\u0001 hello\r\n\r\n");
    garbage.resume();
    await once(garbage, "close");

    expect(events.map(eventInWords)).toEqual([
      "09:00:00.000  POST /hook: the sender hung up before its body was complete\n",
      "09:00:00.000  something that is not HTTP (HPE_INVALID_METHOD): answers 400\n",
    ]);
    expect(await deliver(url, aMessageId())).toBe(204);
  });

  test("tells of a sender that does not wait for its answer, and remembers no acceptance", async () => {
    const { url } = await open({ manner: "slow", times: 1 });
    const messageId = aMessageId();
    const message = { ...aMessage({ messageId }), targetUrl: url, attempts: 1 };
    const request = requestOf(message, { body }, [secret], t0);
    const controller = new AbortController();
    // As soon as the request is there, its sender goes.
    onNext = () => controller.abort();
    const gone = fetch(url, { ...request, body, signal: controller.signal });

    await expect(gone).rejects.toThrow();
    while (events.length < 2) await nextEvent();

    expect(events.map(({ kind }) => kind)).toEqual(["delivery", "left"]);
    await deliver(url, messageId);
    expect(deliveries()[1]).toMatchObject({ seen: 2, acceptedBefore: false });
  });

  test("escapes what a terminal would obey", async () => {
    const { url } = await open({}, []);

    await deliver(url, aMessageId(), { content: utf8("\u001b[2J\u202eevil\n") });

    const [text = ""] = events.map(eventInWords);
    expect(text).toContain("\\u001b[2J\\u202eevil\\u000a\n");
    expect(text).not.toContain("\u001b");
  });
});
