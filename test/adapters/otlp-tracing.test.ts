/** Spans on their way to a collector that takes them, and to one that does not. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { systemChance } from "../../adapters/chance.ts";
import { failureFields } from "../../adapters/failure.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import { openTracing } from "../../adapters/open-tracing.ts";
import { type OtlpSettings, otlpTracing } from "../../adapters/otlp-tracing.ts";
import { noTracing, type Tracing } from "../../adapters/tracing.ts";
import { limits } from "../../domain/limits.ts";
import { type Collector, openCollector } from "../support/collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parent = { traceId, spanId: "b7ad6b7169203331", flags: 1 };
/** Long before this process began: the SDK must not take it for another clock's. */
const at = Date.parse("2020-01-01T00:00:00.123Z");

let collector: Collector;
beforeEach(async () => {
  collector = await openCollector();
});
afterEach(() => collector.close());

/** What tracing has of the world: a clock that stands still, and waits that end when a test says so. */
const aWorld = () => {
  const failures: unknown[] = [];
  const waitedMs: number[] = [];
  let dropped = 0;
  let now = at;
  const over = Promise.withResolvers<void>();
  const log: Log = {
    line: () => {},
    failure: (what, error, fields) => failures.push({ what, ...fields, ...failureFields(error) }),
  };
  const metrics: Metrics = {
    count: (name, by = 1) => {
      if (name === "SpansDropped") dropped += by;
    },
    milliseconds: () => {},
    flush: () => {},
  };
  const sleep = (ms: number): Promise<void> => {
    waitedMs.push(ms);
    return over.promise;
  };
  return {
    outside: { clock: () => now, sleep, chance: systemChance, log, metrics },
    ...{ failures, waitedMs },
    dropped: () => dropped,
    advance: (ms: number): void => {
      now += ms;
    },
    /** Ends every wait, those to come included. */
    timeIsUp: () => over.resolve(),
  };
};

const settings = (): OtlpSettings => ({
  ...{ endpoint: collector.endpoint, sampleRatio: 1, serviceName: "postrider" },
});
const record = (tracing: Tracing, count = 1): void => {
  for (let each = 0; each < count; each += 1)
    tracing
      .start(parent, () => ({ name: "POST", kind: "client", at, attributes: { number: each } }))
      .end(() => ({ at: at + 7, attributes: {}, isError: false }));
};

describe("Spans that have ended", () => {
  test("go out at the next flush, by one request, with the times that they were given", async () => {
    const { outside } = aWorld();
    const tracing = otlpTracing(settings(), outside);

    record(tracing, 3);
    expect(collector.exports).toHaveLength(0);
    await tracing.flush();

    expect(collector.exports).toHaveLength(1);
    expect(collector.spans().map(({ attributes }) => attributes["number"])).toEqual([0, 1, 2]);
    expect(collector.spans()[0]).toMatchObject({
      ...{ traceId, parentSpanId: parent.spanId },
      startTimeUnixNano: `${at}000000`,
      endTimeUnixNano: `${at + 7}000000`,
    });
  });

  test("go out once", async () => {
    const { outside } = aWorld();
    const tracing = otlpTracing(settings(), outside);
    record(tracing);

    await tracing.flush();
    await tracing.flush();

    expect(collector.exports).toHaveLength(1);
  });

  test("are left for the next flush where the process is stopped too soon to wait", async () => {
    const { outside, dropped } = aWorld();
    const tracing = otlpTracing(settings(), outside);
    record(tracing);

    await tracing.flush(2 * limits.spansFlushMsMax - 1);
    expect(collector.exports).toHaveLength(0);
    await tracing.flush(2 * limits.spansFlushMsMax);

    expect(collector.spans()).toHaveLength(1);
    expect(dropped()).toBe(0);
  });

  test("are told apart from a parent in another process, by a flag", async () => {
    const { outside } = aWorld();
    const tracing = otlpTracing(settings(), outside);
    const end = () => ({ at, attributes: {}, isError: false });
    const start = (name: string) => () => ({ name, kind: "server", at, attributes: {} }) as const;

    const outer = tracing.start(parent, start("outer"));
    tracing.start(outer.context, start("inner")).end(end);
    outer.end(end);
    await tracing.flush();

    // opentelemetry/proto/trace/v1/trace.proto: whether that is known, and whether it is so.
    const [inner, remote] = collector.spans().map(({ flags }) => flags);
    expect([inner, remote]).toEqual([0x101, 0x301]);
  });

  test("come from a service that is described, with the headers of the collector", async () => {
    const { outside } = aWorld();
    const tracing = otlpTracing(
      {
        ...settings(),
        endpoint: `${collector.endpoint}/otlp/`,
        headers: "x-api-key=a%20key,x-team=shop",
        resource: "deployment.environment.name=prod",
        attributes: { "faas.name": "api" },
      },
      outside,
    );
    record(tracing);

    await tracing.flush();

    expect(collector.exports[0]).toMatchObject({
      path: "/otlp/v1/traces",
      headers: { "x-api-key": "a key", "x-team": "shop" },
    });
    expect(collector.resources()[0]).toMatchObject({
      "service.name": "postrider",
      "deployment.environment.name": "prod",
      "faas.name": "api",
      "telemetry.sdk.name": "opentelemetry",
    });
  });

  test("never have an id of zeros, which would not be valid", () => {
    const { outside } = aWorld();
    // A span id of zeros and another one, a trace id of zeros and another one.
    const dice = [...Array(2).fill(0), ...Array(2).fill(0.5), ...Array(4).fill(0)];
    const chance = { ...systemChance, random: () => dice.shift() ?? 0.25 };
    const tracing = otlpTracing(settings(), { ...outside, chance });

    const { context } = tracing.start(undefined, () => {
      return { name: "POST", kind: "client", at, attributes: {} };
    });

    expect(context).toMatchObject({
      ...{ spanId: "80000000".repeat(2), traceId: "40000000".repeat(4) },
    });
  });

  test("are dropped and counted when too many wait", async () => {
    const { outside, dropped } = aWorld();
    const tracing = otlpTracing(settings(), outside);

    record(tracing, limits.spansWaitingMax + 2);
    await tracing.flush();

    expect(collector.spans()).toHaveLength(limits.spansWaitingMax);
    expect(dropped()).toBe(2);
  });
});

test("What describes a span that is sampled out is not asked when it ends", () => {
  const { outside } = aWorld();
  const tracing = otlpTracing(settings(), outside);
  const start = () => ({ name: "POST", kind: "client", at, attributes: {} }) as const;

  const span = tracing.start({ ...parent, flags: 0 }, start);

  const end = () => {
    throw new Error("was asked");
  };
  expect(() => span.end(end)).not.toThrow();
});

describe("A collector", () => {
  test("that does not answer is waited for as long as agreed, and no longer", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.answers("never");
    record(tracing, 2);

    const flushed = tracing.flush();
    world.timeIsUp();
    await flushed;

    expect(world.waitedMs).toEqual([limits.spansFlushMsMax]);
    expect(world.dropped()).toBe(2);
    expect(world.failures).toEqual([
      expect.objectContaining({ what: "spans not exported", spans: 2, code: "COLLECTOR_SLOW" }),
    ]);
  });

  test.each([400, 401, 404, 500, 503])(
    "that answers %s costs the spans, and a line",
    async (status) => {
      const world = aWorld();
      const tracing = otlpTracing(settings(), world.outside);
      collector.answers(status);
      record(tracing);

      await tracing.flush();

      expect(world.dropped()).toBe(1);
      expect(world.failures).toEqual([
        expect.objectContaining({ what: "spans not exported", spans: 1 }),
      ]);
    },
  );

  test("that is not there costs the spans, and a line", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.close();
    record(tracing);

    await tracing.flush();

    expect(world.dropped()).toBe(1);
    expect(world.failures).toEqual([expect.objectContaining({ code: "ECONNREFUSED" })]);
  });

  test("that has closed the connection gets its spans by another one, once", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.answers("reset", 200);
    record(tracing);

    await tracing.flush();

    expect(collector.exports).toHaveLength(2);
    expect([world.dropped(), world.failures]).toEqual([0, []]);
  });

  test("that closes every connection costs the spans, and a line", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.answers("reset");
    record(tracing);

    await tracing.flush();

    expect(collector.exports).toHaveLength(2);
    expect(world.dropped()).toBe(1);
    expect(world.failures).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
  });

  test("that failed is left alone for a while: nobody waits, nothing is logged, spans are counted", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.answers(500);
    record(tracing);
    await tracing.flush();

    world.advance(limits.spansPauseMs - 1);
    record(tracing, 2);
    await tracing.flush();

    expect(collector.exports).toHaveLength(1);
    expect(world.waitedMs).toHaveLength(1);
    expect(world.failures).toHaveLength(1);
    expect(world.dropped()).toBe(3);
  });

  test("that has failed gets spans again after a while", async () => {
    const world = aWorld();
    const tracing = otlpTracing(settings(), world.outside);
    collector.answers(500);
    record(tracing);
    await tracing.flush();
    collector.answers(200);

    world.advance(limits.spansPauseMs);
    record(tracing);
    await tracing.flush();

    expect(collector.exports).toHaveLength(2);
    expect(world.failures).toHaveLength(1);
  });
});

describe("Without a collector", () => {
  const none = {
    ...{ tracingEndpoint: undefined, tracingResource: undefined },
    ...{ tracingSampleRatio: 1, tracingServiceName: "postrider" },
  };

  test("nothing is asked for headers, and a trace goes on as it came", async () => {
    const world = aWorld();
    const headersOf = () => Promise.reject(new Error("was asked"));

    const tracing = await openTracing(none, world.outside, headersOf);

    expect(tracing).toBe(noTracing);
    const describeNothing = () => {
      throw new Error("was asked");
    };
    const span = tracing.start(parent, describeNothing);
    span.end(describeNothing);
    expect(span.context).toBe(parent);
    expect(tracing.start(undefined, describeNothing).context).toBeUndefined();
    await tracing.flush();
    expect(world.failures).toEqual([]);
  });

  test("headers that cannot be read are logged without their text, and nothing is traced", async () => {
    const world = aWorld();
    const headersOf = () => Promise.reject(new Error("the key is a-key"));

    const given = { ...none, tracingEndpoint: collector.endpoint };
    const tracing = await openTracing(given, world.outside, headersOf);

    expect(tracing).toBe(noTracing);
    expect(world.failures).toEqual([expect.objectContaining({ what: "tracing not started" })]);
    expect(JSON.stringify(world.failures)).not.toContain("a-key");
  });
});
