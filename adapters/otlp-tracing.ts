/**
 * Spans by the SDK of OpenTelemetry, sent by its exporter as OTLP/HTTP JSON. Imported only where there
 * is a collector: see `open-tracing.ts`.
 */
import {
  createTraceState,
  SpanKind as Kind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { ExportResultCode, parseKeyPairsIntoRecord } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  ParentBasedSampler,
  type ReadableSpan,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { limits } from "../domain/limits.ts";
import { type TraceContext, traceFlags } from "../domain/trace-context.ts";
import type { Chance } from "./chance.ts";
import type { Clock, Sleep } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { SpanEnd, SpanKind, Tracing } from "./tracing.ts";

export type OtlpOutside = {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type OtlpSettings = {
  /** Where the collector listens, without `/v1/traces`. */
  readonly endpoint: string;
  /** Headers of each export, as `OTEL_EXPORTER_OTLP_HEADERS` has them. They may hold a key. */
  readonly headers?: string | undefined;
  /** The part of the traces that begin here which are recorded, 0 to 1. All others are as they came. */
  readonly sampleRatio: number;
  /** What describes this process, as `OTEL_RESOURCE_ATTRIBUTES` has it. */
  readonly resource?: string | undefined;
  readonly serviceName: string;
  /** More of what describes it. */
  readonly attributes?: Readonly<Record<string, string | undefined>>;
};

const { spansFlushMsMax, spansPauseMs, spansWaitingMax } = limits;

const kinds: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
};

/** Seconds and nanoseconds. The SDK would take a number that is before its own start for another clock's. */
const timeOf = (ms: number): [number, number] => [
  Math.floor(ms / 1000),
  Math.round((ms % 1000) * 1e6),
];

/** Returns random ids in hexadecimal. One that is all zero is not valid. */
const idsFrom = ({ random }: Chance) => {
  const word = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const id = (words: number): string => {
    const text = Array.from({ length: words }, word).join("");
    return /^0+$/.test(text) ? id(words) : text;
  };
  return { generateTraceId: () => id(4), generateSpanId: () => id(2) };
};

const spanContextOf = (
  { traceId, spanId, flags, tracestate }: TraceContext,
  isRemote: boolean,
): SpanContext => ({
  ...{ traceId, spanId, isRemote },
  traceFlags: flags & traceFlags.sampled,
  ...(tracestate && { traceState: createTraceState(tracestate) }),
});

/** The SDK knows one flag. That of a random id is handed on, and set where the id was made here. */
const contextOf = (
  { traceId, spanId, traceFlags: sampled }: SpanContext,
  { flags = traceFlags.random, tracestate }: Partial<TraceContext> = {},
): TraceContext => ({
  ...{ traceId, spanId, tracestate },
  flags: (sampled & traceFlags.sampled) | (flags & traceFlags.random),
});

/** Collects spans that have ended, until they are taken. */
const collecting = (onDropped: () => void) => {
  let ended: ReadableSpan[] = [];
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => {
      if (ended.length < spansWaitingMax) ended.push(span);
      else onDropped();
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const takeAll = (): ReadableSpan[] => {
    const taken = ended;
    ended = [];
    return taken;
  };
  return { processor, takeAll };
};

const urlOf = (endpoint: string): string => `${endpoint.replace(/\/+$/, "")}/v1/traces`;

const tooSlow = (): Error =>
  Object.assign(new Error("The collector took too long"), { code: "COLLECTOR_SLOW" });

const isConnectionLost = (error: unknown): boolean =>
  ["ECONNRESET", "EPIPE"].includes(String((error as NodeJS.ErrnoException).code));

/** Opens the spans of this process. Those of a flush are sent by one request. */
export const otlpTracing = (
  { endpoint, headers, sampleRatio, resource, serviceName, attributes }: OtlpSettings,
  { clock, sleep, chance, log, metrics }: OtlpOutside,
): Tracing => {
  const { processor, takeAll } = collecting(() => metrics.count("SpansDropped"));
  const described = { ...attributes, ...parseKeyPairsIntoRecord(resource) };
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({ ...described, "service.name": serviceName }),
    ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    idGenerator: idsFrom(chance),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("postrider");
  const exporter = new OTLPTraceExporter({
    ...{ url: urlOf(endpoint), timeoutMillis: spansFlushMsMax },
    headers: parseKeyPairsIntoRecord(headers),
  });
  const begunHere = new WeakSet<TraceContext>();
  let pausedUntil = Number.NEGATIVE_INFINITY;

  const start: Tracing["start"] = (parent, describe) => {
    const { name, kind, at, attributes: about } = describe();
    const above = parent
      ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent, !begunHere.has(parent)))
      : ROOT_CONTEXT;
    const options = { kind: kinds[kind], startTime: timeOf(at), attributes: about };
    const span = tracer.startSpan(name, options, above);
    const context = contextOf(span.spanContext(), parent);
    begunHere.add(context);
    const end = (describeEnd: () => SpanEnd): void => {
      if (!span.isRecording()) return;
      const ended = describeEnd();
      span.setAttributes(ended.attributes);
      if (ended.isError) span.setStatus({ code: SpanStatusCode.ERROR });
      if (ended.link) span.addLink({ context: spanContextOf(ended.link, true) });
      span.end(timeOf(ended.at));
    };
    return { context, end };
  };

  const exported = (spans: ReadableSpan[]): Promise<void> =>
    new Promise((resolve, reject) => {
      exporter.export(spans, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) resolve();
        else reject(error ?? new Error("The collector refused the spans"));
      });
    });

  /** Once more where the kept connection was closed meanwhile, as it is while a function is frozen. */
  const sent = async (spans: ReadableSpan[]): Promise<void> => {
    try {
      await exported(spans);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await exported(spans);
    }
  };

  // The spans of a process that dies before this are lost. What they told of is stored already.
  const flush: Tracing["flush"] = async (remainingMs = Number.POSITIVE_INFINITY) => {
    if (remainingMs < 2 * spansFlushMsMax) return;
    const spans = takeAll();
    if (spans.length === 0) return;
    if (clock() < pausedUntil) {
      metrics.count("SpansDropped", spans.length);
      return;
    }
    const late = async (): Promise<never> => {
      await sleep(spansFlushMsMax);
      throw tooSlow();
    };
    try {
      await Promise.race([sent(spans), late()]);
    } catch (error) {
      pausedUntil = clock() + spansPauseMs;
      metrics.count("SpansDropped", spans.length);
      log.failure("spans not exported", error, { spans: spans.length });
    }
  };
  return { start, flush };
};
