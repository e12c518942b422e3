import type { Operation, Route } from "../../docs/openapi/operation.ts";
import { operations } from "../../docs/openapi/operations.ts";
import { expectDocumented } from "./documented.ts";
import type { Service } from "./service.ts";

type Changes = {
  /** The header with the key. By default that of the sender that the example is of. */
  readonly authorization?: string | undefined;
  /** Members of the path in place of those of the example. */
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** The example of an operation, as its entry has it. */
export const exampleOf = (route: Route): Operation["example"] =>
  (operations[route] as Operation).example;

/** A key that may do what an operation does: of the sender of the examples, or of an operator. */
export const keyFor = async (service: Service, route: Route): Promise<string> =>
  operations[route]?.scope?.startsWith("senders:") ? service.operatorKey() : service.apiKey;

/** Sends the example of an operation, and holds the answer against the document. */
export const sendExample = async (service: Service, route: Route, changes: Changes = {}) => {
  const example = exampleOf(route);
  const { authorization, path, body } = {
    body: example.body,
    ...("authorization" in changes
      ? {}
      : { authorization: `Bearer ${await keyFor(service, route)}` }),
    ...changes,
  };
  const named = { ...example.path, ...path };
  const [method = "", template = ""] = route.split(" ");
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? "");
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(example.query ?? {})) search.set(name, String(value));

  const url = `${filled}${search.size > 0 ? `?${search}` : ""}`;
  const response = await service.api.request(url, {
    method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status, headers } = response;
  const answer = { status, headers, text: await response.text() };
  expectDocumented(method, url, answer);
  return answer;
};

/**
 * Sends the examples that come before an operation's, so that it works. Returns the members of its
 * path that are known only then.
 */
export const prepareExample = async (
  service: Service,
  route: Route,
): Promise<Readonly<Record<string, string>>> => {
  const { after = [], pathFrom = {} } = exampleOf(route);
  let text = "{}";
  for (const before of after) ({ text } = await sendExample(service, before));
  const found = JSON.parse(text) as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(pathFrom).map(([name, member]) => [name, found[member] ?? ""]),
  );
};
