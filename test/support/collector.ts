import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

type AnyValue = {
  readonly stringValue?: string;
  readonly intValue?: number;
  readonly boolValue?: boolean;
};
type KeyValue = { readonly key: string; readonly value: AnyValue };
type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message?: string };
};
type OtlpRequest = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
};

/** A request as the collector got it. */
type Export = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: OtlpRequest;
};

const attributesOf = (attributes: readonly KeyValue[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.boolValue,
    ]),
  );

/** The kinds of OTLP: `SpanKind` in opentelemetry/proto/trace/v1/trace.proto. */
const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
/** `Status.StatusCode` there. */
const statuses = ["unset", "ok", "error"];

const spanOf = ({ attributes, links, kind, status, ...span }: OtlpSpan) => ({
  ...span,
  kind: kinds[kind],
  status: statuses[status.code],
  statusMessage: status.message,
  attributes: attributesOf(attributes),
  links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
});
export type SeenSpan = ReturnType<typeof spanOf>;

/** How the collector answers: with a status, not at all, or by closing the connection. */
type CollectorAnswer = number | "never" | "reset";

/** A collector of OpenTelemetry on loopback, which takes OTLP/HTTP JSON. */
export const openCollector = async () => {
  const exports: Export[] = [];
  let answers: readonly CollectorAnswer[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    exports.push({
      path: request.url ?? "",
      headers: request.headers,
      text: body,
      json: JSON.parse(body) as OtlpRequest,
    });
    const [answer = 200, ...others] = answers;
    if (others.length > 0) answers = others;
    if (answer === "never") return;
    if (answer === "reset") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  const resources = () => exports.flatMap(({ json }) => json.resourceSpans);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    exports,
    /** All spans that came, in the order in which they did. */
    spans: (): readonly SeenSpan[] =>
      resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(spanOf))),
    /** What describes the processes that they came from. */
    resources: () => resources().map(({ resource }) => attributesOf(resource.attributes)),
    /** Says how it answers from now on: each request by one of these, all others by the last. */
    answers: (...given: readonly CollectorAnswer[]): void => {
      answers = given;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
export type Collector = Awaited<ReturnType<typeof openCollector>>;
