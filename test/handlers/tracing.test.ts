/** The trace of a message: from the request of its sender, through its attempts, to its target. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { systemChance } from "../../adapters/chance.ts";
import { otlpTracing } from "../../adapters/otlp-tracing.ts";
import { type Collector, openCollector, type SeenSpan } from "../support/collector.ts";
import { awsError } from "../support/faults.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, type Service, sqsRecord, start } from "../support/service.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${spanId}-01`;
const tracestate = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
const sampledOut = `00-${traceId}-${spanId}-00`;

let receiver: Awaited<ReturnType<typeof openReceiver>>;
/** The answers of the target to come; then 200. */
let answers: number[] = [];
beforeAll(async () => {
  receiver = await openReceiver(() => ({ status: answers.shift() ?? 200 }));
});
beforeEach(() => {
  answers = [];
});
afterAll(() => receiver.close());

let messages = 0;
const newId = (): string => {
  messages += 1;
  return `order-${messages}`;
};
const aMessage = (overrides: Readonly<Record<string, unknown>> = {}) =>
  aRequest({ messageId: newId(), targetUrl: `${receiver.url}/hook?token=s3cret`, ...overrides });

/** The headers of a trace that a target got, in the order of the requests. */
const handedOn = (messageId: string) =>
  receiver.of(messageId).map(({ headers }) => [headers["traceparent"], headers["tracestate"]]);

/** Makes the attempts whose records are on the queue, one after the other. */
const workAt = async (service: Service, messageId: string): Promise<void> => {
  for (let made = 0; ; made += 1) {
    const record = service.recordsOf(messageId).at(made);
    if (!record) return;
    await service.work(record);
    service.advance(3_600_000);
  }
};

describe("Without tracing", () => {
  let service: Service;
  beforeAll(async () => {
    service = await openService();
  });
  afterAll(() => service.close());
  const sent = async (message: ReturnType<typeof aMessage>, headers = {}): Promise<void> => {
    expect(await service.submit(message, service.apiKey, headers)).toMatchObject({ status: 202 });
    await workAt(service, message.messageId);
  };

  test("a trace that comes with a submit is handed on unchanged, by each attempt", async () => {
    const message = aMessage();
    answers = [503];

    await sent(message, { traceparent, tracestate });

    expect(handedOn(message.messageId)).toEqual([
      [traceparent, tracestate],
      [traceparent, tracestate],
    ]);
  });

  test("a replay hands on the trace that its message was submitted in", async () => {
    const message = aMessage();
    await sent(message, { traceparent, tracestate });

    const replayed = await service.request(`/v1/messages/${message.messageId}/replay`, {
      method: "POST",
      headers: { traceparent: traceparent.replace("31-01", "99-01") },
    });

    expect(replayed).toMatchObject({ status: 202 });
    await service.work({ v: 1, senderId: "shop", messageId: message.messageId, attempt: 2 });
    expect(handedOn(message.messageId)[1]).toEqual([traceparent, tracestate]);
  });

  test("a request that belongs to no trace is what it always was", async () => {
    const message = aMessage();

    await sent(message);

    const [seen] = receiver.of(message.messageId);
    expect(seen?.headers).not.toHaveProperty("traceparent");
    expect(seen?.headers).not.toHaveProperty("tracestate");
    expect(await service.get(message.messageId)).not.toHaveProperty("trace");
    expect(service.linesOf("submit").at(-1)).not.toHaveProperty("traceId");
    expect(service.linesOf("attempt").at(-1)).not.toHaveProperty("traceId");
  });

  test("a traceparent that is not valid is ignored, and no reason to refuse", async () => {
    const message = aMessage();

    await sent(message, { traceparent: traceparent.toUpperCase(), tracestate });

    expect(handedOn(message.messageId)).toEqual([[undefined, undefined]]);
  });

  test("the headers that a message has itself are sent, and nothing is mixed with them", async () => {
    const own = { Traceparent: traceparent.replace("01", "00") };
    const both = aMessage({ headers: own });
    const state = aMessage({ headers: { tracestate: "own=1" } });

    await sent(both, { traceparent, tracestate });
    await sent(state, { traceparent, tracestate });

    expect(handedOn(both.messageId)).toEqual([[own.Traceparent, undefined]]);
    expect(handedOn(state.messageId)).toEqual([[undefined, "own=1"]]);
  });

  test("a repeat in another trace is the same message, and stays in the first one", async () => {
    const message = aMessage();
    await service.submit(message, service.apiKey, { traceparent });

    const again = await service.submit(message, service.apiKey, { traceparent: sampledOut });

    expect(again).toMatchObject({ status: 200, json: { duplicate: true } });
    await workAt(service, message.messageId);
    expect(handedOn(message.messageId)).toEqual([[traceparent, undefined]]);
  });

  test("the trace of a batch is that of each of its messages", async () => {
    const [one, other] = [aMessage(), aMessage()];

    await service.request("/v1/messages/batch", {
      method: "POST",
      headers: { "content-type": "application/json", traceparent, tracestate },
      body: JSON.stringify({ messages: [one, other] }),
    });

    for (const { messageId } of [one, other]) {
      await workAt(service, messageId);
      expect(handedOn(messageId)).toEqual([[traceparent, tracestate]]);
    }
  });

  test("a message whose body is stored apart keeps its trace", async () => {
    const message = aMessage({ body: "x".repeat(2000) });

    await sent(message, { traceparent, tracestate });

    expect(await service.get(message.messageId)).toMatchObject({ payload: true, tracestate });
    expect(handedOn(message.messageId)).toEqual([[traceparent, tracestate]]);
  });

  test("a message says its trace, and so do the lines about it", async () => {
    const message = aMessage();

    await sent(message, { traceparent });

    const { json } = await service.request(`/v1/messages/${message.messageId}`);
    expect(json.traceparent).toBe(traceparent);
    expect(service.linesOf("submit").at(-1)).toMatchObject({ traceId });
    expect(service.linesOf("attempt").at(-1)).toMatchObject({ traceId });
  });
});

describe("With tracing", () => {
  let collector: Collector;
  let service: Service;
  let ratio = 1;
  const opened: Service[] = [];
  const open = async (): Promise<Service> => {
    const one = await openService({}, (outside) =>
      otlpTracing(
        { endpoint: collector.endpoint, sampleRatio: ratio, serviceName: "postrider" },
        { ...outside, chance: systemChance, sleep: () => new Promise(() => {}) },
      ),
    );
    opened.push(one);
    return one;
  };
  beforeAll(async () => {
    collector = await openCollector();
    service = await open();
  });
  beforeEach(() => void collector.exports.splice(0));
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    collector.close();
  });

  const spanOf = (is: (span: SeenSpan) => boolean): SeenSpan => {
    const found = collector.spans().filter(is);
    if (found.length !== 1) throw new Error(`There are ${found.length} such spans`);
    return found[0] as SeenSpan;
  };
  const attemptsOf = (messageId: string) =>
    collector
      .spans()
      .filter(
        ({ kind, attributes }) =>
          kind === "client" && attributes["messaging.message.id"] === messageId,
      );
  const submitted = () => spanOf(({ kind }) => kind === "server");
  const traceparentTo = ({ spanId: own }: SeenSpan) => `00-${traceId}-${own}-01`;

  test("the submit continues the trace of its sender, and each attempt that of the submit", async () => {
    const message = aMessage();
    answers = [503];

    await service.submit(message, service.apiKey, { traceparent, tracestate });
    await workAt(service, message.messageId);

    const submit = submitted();
    const [first, second, ...others] = attemptsOf(message.messageId) as [SeenSpan, SeenSpan];
    expect(others).toEqual([]);
    expect(submit).toMatchObject({ traceId, parentSpanId: spanId, traceState: tracestate });
    for (const attempt of [first, second])
      expect(attempt).toMatchObject({
        ...{ traceId, parentSpanId: submit.spanId, traceState: tracestate },
      });
    expect(new Set([spanId, submit.spanId, first.spanId, second.spanId]).size).toBe(4);
    expect(handedOn(message.messageId)).toEqual([
      [traceparentTo(first), tracestate],
      [traceparentTo(second), tracestate],
    ]);
    const { json } = await service.request(`/v1/messages/${message.messageId}`);
    expect(json.traceparent).toBe(traceparentTo(submit));
  });

  test("a span says by the semantic conventions what it is about, and nothing else", async () => {
    const message = aMessage({ headers: { authorization: "Bearer of-the-target" } });
    answers = [503];
    const { port } = new URL(receiver.url);
    const at = service.now();

    await service.submit(message, service.apiKey, { traceparent });
    await workAt(service, message.messageId);

    const of = { "messaging.system": "postrider", "messaging.message.id": message.messageId };
    expect(submitted()).toMatchObject({
      ...{ name: "POST /v1/messages", status: "unset" },
      startTimeUnixNano: `${at}000000`,
      attributes: {
        ...{ ...of, "postrider.sender.id": "shop", "messaging.message.body.size": 11 },
        ...{ "http.request.method": "POST", "http.route": "/v1/messages" },
        ...{ "url.path": "/v1/messages", "url.scheme": "http", "server.address": "localhost" },
        "http.response.status_code": 202,
      },
    });
    const target = {
      ...{ ...of, "postrider.sender.id": "shop", "http.request.method": "POST" },
      ...{ "url.scheme": "http", "server.address": "127.0.0.1", "server.port": Number(port) },
    };
    const [failed, delivered] = attemptsOf(message.messageId);
    expect(failed).toMatchObject({ name: "POST", status: "error", statusMessage: undefined });
    expect(failed?.attributes).toEqual({
      ...{ ...target, "postrider.attempt": 1 },
      ...{ "http.response.status_code": 503, "error.type": "503" },
    });
    expect(delivered).toMatchObject({ name: "POST", status: "unset" });
    expect(delivered?.attributes).toEqual({
      ...{ ...target, "postrider.attempt": 2, "http.request.resend_count": 1 },
      "http.response.status_code": 200,
    });
  });

  test("no key, header, body, path of a target, or text of its answer is in what is sent", async () => {
    const message = aMessage({
      headers: { authorization: "Bearer of-the-target", "x-shop": "header-value" },
      body: { word: "body-value" },
    });

    await service.submit(message, service.apiKey, { traceparent });
    await workAt(service, message.messageId);

    const sent = collector.exports.map(({ text, headers }) => text + JSON.stringify(headers));
    for (const secret of [service.apiKey, "of-the-target", "header-value", "body-value"])
      expect(sent.join()).not.toContain(secret);
    for (const part of ["s3cret", "/hook", "v1,", "whsec_"])
      expect(sent.join()).not.toContain(part);
  });

  test("an attempt that gets no answer is an error, of the class of its failure", async () => {
    const gone = await openReceiver();
    gone.close();
    const message = aMessage({ targetUrl: `${gone.url}/nobody` });

    await service.submit(message, service.apiKey, { traceparent });
    await service.work(...service.recordsOf(message.messageId));

    const [attempt] = attemptsOf(message.messageId);
    expect(attempt).toMatchObject({ status: "error", attributes: { "error.type": "connect" } });
    expect(attempt?.attributes).not.toHaveProperty("http.response.status_code");
  });

  test("what is sampled out is recorded nowhere, and handed on as such", async () => {
    const message = aMessage();

    await service.submit(message, service.apiKey, { traceparent: sampledOut });
    await workAt(service, message.messageId);

    expect(collector.exports).toEqual([]);
    const [[parent] = []] = handedOn(message.messageId);
    expect(parent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  });

  test("the flag of a random trace id is handed on, and no flag that nobody knows", async () => {
    const message = aMessage();

    await service.submit(message, service.apiKey, {
      traceparent: traceparent.replace(/01$/, "ff"),
    });
    await workAt(service, message.messageId);

    const [[parent] = []] = handedOn(message.messageId);
    expect(parent).toMatch(/-03$/);
  });

  test("a submit that is in no trace begins one, for all of its attempts", async () => {
    const message = aMessage();
    answers = [503];

    await service.submit(message);
    await workAt(service, message.messageId);

    const submit = submitted();
    expect(submit.parentSpanId).toBeUndefined();
    expect(submit.traceId).not.toBe(traceId);
    const attempts = attemptsOf(message.messageId);
    expect(attempts.map((attempt) => [attempt.traceId, attempt.parentSpanId])).toEqual([
      [submit.traceId, submit.spanId],
      [submit.traceId, submit.spanId],
    ]);
    const [[parent] = []] = handedOn(message.messageId);
    expect(parent).toBe(`00-${submit.traceId}-${attempts[0]?.spanId}-03`);
  });

  test("the attempts of a replay belong to the trace of its message", async () => {
    const message = aMessage();
    await service.submit(message, service.apiKey, { traceparent });
    await workAt(service, message.messageId);

    await service.request(`/v1/messages/${message.messageId}/replay`, { method: "POST" });
    await service.work({ v: 1, senderId: "shop", messageId: message.messageId, attempt: 2 });

    const [, again] = attemptsOf(message.messageId);
    expect(again).toMatchObject({
      ...{ traceId, parentSpanId: submitted().spanId },
      attributes: { "postrider.replay": 1, "postrider.attempt": 2 },
    });
  });

  test("each message of a batch has a span of its own, within that of the request", async () => {
    const [one, other] = [aMessage(), aMessage()];

    await service.request("/v1/messages/batch", {
      method: "POST",
      headers: { "content-type": "application/json", traceparent },
      body: JSON.stringify({ messages: [one, { messageId: "none" }, other] }),
    });
    await service.work(...[one, other].flatMap(({ messageId }) => service.recordsOf(messageId)));

    const request = submitted();
    expect(request).toMatchObject({
      ...{ parentSpanId: spanId, name: "POST /v1/messages/batch" },
      attributes: { "messaging.batch.message_count": 3, "http.response.status_code": 200 },
    });
    for (const { messageId } of [one, other]) {
      const created = spanOf(
        ({ kind, attributes }) =>
          kind === "producer" && attributes["messaging.message.id"] === messageId,
      );
      expect(created).toMatchObject({ traceId, parentSpanId: request.spanId });
      const [attempt] = attemptsOf(messageId);
      expect(attempt).toMatchObject({ traceId, parentSpanId: created.spanId });
    }
    expect(collector.spans().filter(({ kind }) => kind === "producer")).toHaveLength(2);
  });

  test("the spans of a request, and those of a batch of records, go out together", async () => {
    const [one, other] = [aMessage(), aMessage()];
    await service.submit(one);
    await service.submit(other);
    expect(collector.exports).toHaveLength(2);

    await service.work(...[one, other].flatMap(({ messageId }) => service.recordsOf(messageId)));

    expect(collector.exports).toHaveLength(3);
    expect(collector.exports[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "content-type": "application/json" },
    });
    expect(collector.resources()[0]).toMatchObject({ "service.name": "postrider" });
  });

  test("a worker whose time is over does not wait for the collector", async () => {
    const message = aMessage();
    await service.submit(message);
    collector.exports.splice(0);
    const [record] = service.recordsOf(message.messageId);
    /** At the record, at its counts, and at its spans. */
    const remainingMs = [60_000, 60_000, 900];
    const batch = { Records: [sqsRecord(JSON.stringify(record))] };

    await service.worker(batch, { getRemainingTimeInMillis: () => remainingMs.shift() ?? 0 });

    expect(collector.exports).toEqual([]);
    await service.work();
    expect(attemptsOf(message.messageId)).toHaveLength(1);
  });

  test("a repeat has a span that is linked to the trace of its message", async () => {
    const message = aMessage();
    await service.submit(message, service.apiKey, { traceparent });
    const first = submitted();
    collector.exports.splice(0);

    await service.submit(message);

    const again = submitted();
    expect(again.traceId).not.toBe(traceId);
    expect(again.links).toEqual([{ traceId, spanId: first.spanId }]);
    expect(again.attributes).toMatchObject({ "postrider.duplicate": true });
  });

  test("a submit that is refused says why, and is no error; one that we failed is one", async () => {
    await service.submit(aMessage({ method: "FETCH" }));
    expect(submitted()).toMatchObject({
      status: "unset",
      attributes: { "http.response.status_code": 400, "postrider.problem": "VALIDATION_ERROR" },
    });
    collector.exports.splice(0);
    service.faults.inject({
      ...{ command: "PutItem", when: "before" },
      error: awsError("AccessDeniedException"),
    });

    await service.submit(aMessage());

    service.faults.clear();
    expect(submitted()).toMatchObject({
      status: "error",
      attributes: { "http.response.status_code": 503, "error.type": "503" },
    });
  });

  test("a message of a batch that we failed is an error, and the others are none", async () => {
    const [refused, failed] = [aMessage({ method: "GET" }), aMessage({ body: "fails" })];
    await service.submit({ ...refused, method: "POST" });
    collector.exports.splice(0);
    const on = (input: Record<string, unknown>) => JSON.stringify(input).includes(failed.messageId);
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "PutItem", when: "before", error, on });

    await service.request("/v1/messages/batch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ ...refused, method: "PUT" }, failed] }),
    });

    const created = collector.spans().filter(({ kind }) => kind === "producer");
    expect(
      created.map(({ status, attributes }) => [status, attributes["postrider.problem"]]),
    ).toEqual([
      ["unset", "MESSAGE_CONFLICT"],
      ["error", "SYSTEM_ERROR"],
    ]);
  });

  test("a caller without a key has no span recorded", async () => {
    const headers = { "content-type": "application/json", traceparent };

    await service.submit(aMessage(), "prk_none", headers);

    expect(collector.exports).toEqual([]);
  });

  test("each attempt of a message that is in no trace begins one", async () => {
    const untraced = await openService();
    const message = aMessage();
    await untraced.submit(message);
    const stored = await untraced.get(message.messageId);
    await untraced.close();
    if (stored) await service.messages.submit(stored);

    await service.work({ v: 1, senderId: "shop", messageId: message.messageId, attempt: 1 });

    const [attempt] = attemptsOf(message.messageId);
    expect(attempt).toMatchObject({ status: "unset" });
    expect(attempt?.parentSpanId).toBeUndefined();
    expect(handedOn(message.messageId)[0]?.[0]).toBe(
      `00-${attempt?.traceId}-${attempt?.spanId}-03`,
    );
  });

  test("with a ratio of 0 nothing begins a trace, and what comes sampled is still recorded", async () => {
    ratio = 0;
    const frugal = await open();
    const [begun, continued] = [aMessage(), aMessage()];

    await frugal.submit(begun);
    await frugal.submit(continued, frugal.apiKey, { traceparent });
    await frugal.work(...frugal.queued());

    expect(collector.spans().map(({ kind }) => kind)).toEqual(["server", "client"]);
    const [[parent] = []] = handedOn(begun.messageId);
    expect(parent).toMatch(/-02$/);
  });

  test("time is that of the clock of whoever makes the span", async () => {
    const message = aMessage();
    const at = service.now();
    expect(at).toBeGreaterThanOrEqual(start);

    await service.submit(message);

    expect(submitted()).toMatchObject({
      startTimeUnixNano: `${at}000000`,
      endTimeUnixNano: `${at}000000`,
    });
  });
});
