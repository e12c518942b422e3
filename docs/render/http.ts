import { readFileSync } from "node:fs";
import { type ProblemCode, problems } from "../../domain/problem.ts";
import { reservedHeaders } from "../../domain/reserved-headers.ts";
import { type Document, type Schema, schemaAt } from "../../handlers/api/docs-page/document.ts";
import { type Member, membersOf, rule } from "../../handlers/api/docs-page/members.ts";
import { openApiDocument } from "../openapi/document.ts";
import type { Route } from "../openapi/operation.ts";
import { operationList } from "../openapi/operations.ts";
import { code, generatedFrom, listed, tableOf } from "./markdown.ts";

const page = new URL("../reference/http.md", import.meta.url);

/** Says what each problem means and what to do about it; to forget one does not compile. */
const advice: { readonly [Code in ProblemCode]: string } = {
  VALIDATION_ERROR:
    "The request is not valid. `issues` has every fault with its path, up to a hundred. Fix them all: a repeat is refused again",
  UNAUTHENTICATED: "No key, or none that is valid now",
  FORBIDDEN:
    "The key lacks the scope or is of the other kind (a sender's, an operator's), or `senderId` is another's",
  NOT_FOUND: "No such address; or no such message, or not yours, or not any more",
  METHOD_NOT_ALLOWED: "Use a method that `Allow` names",
  MESSAGE_CONFLICT:
    "The id is taken by other content. Use another id, or find out why one was used twice",
  SENDER_EXISTS: "There is a sender with this id: see [how to go on](#create-a-sender)",
  ROTATION_CONFLICT:
    "Another rotation was faster, or the sender has this secret already. Read the sender before you rotate again",
  TOO_MANY_SECRETS:
    "Five secrets of the sender sign. Wait until one has ended, or rotate with an overlap of `0s`",
  INVALID_STATE:
    "The state of the message (`messageStatus`) or of the job (`jobStatus`) does not allow it",
  JOB_CONFLICT: "There is a job of this plan, with another rate or canary. Read the job",
  PLAN_EXPIRED: "The plan is more than 15 minutes old. Plan again",
  PAYLOAD_TOO_LARGE:
    "The request is over 2 MiB (a batch over 4 MiB), or a body over 256 KiB as it would be sent. Send less, or a link to it",
  UNSUPPORTED_MEDIA_TYPE: "The request is not `application/json` in UTF-8, or is compressed",
  SYSTEM_ERROR:
    "Something on our side did not answer, or is busy; the message may be stored or not. Send the same request again, after the seconds of `Retry-After`",
};

const problemTable = (): readonly string[] =>
  tableOf(
    ["Code", "Status", "What it means, and what to do"],
    (Object.keys(advice) as ProblemCode[]).map((name) => [
      code(name),
      String(problems[name].status),
      advice[name],
    ]),
  );

const routeTable = (): readonly string[] =>
  tableOf(
    ["Route", "Scope", "What it does"],
    operationList.map(([route, { scope, summary }]) => [
      code(route),
      scope ? code(scope) : "",
      summary,
    ]),
  );

/** Returns the headers that may not be set: a row for each reason, with the source of each. */
const headerTable = (): readonly string[] =>
  tableOf(
    ["Refused, and the source", "Such a header"],
    [...Map.groupBy(reservedHeaders, ({ why }) => why)].map(([why, headers]) => [
      headers.map(({ name, source }) => `${code(name)} (${source})`).join(", "),
      why,
    ]),
  );

/** Members whose own members stand in another table of the page. */
const shownElsewhere = /^(filter|canary|defaults|key)\./;

const oneOf = (values: readonly unknown[]): string =>
  listed(
    values.map((value) => code(String(value))),
    "or",
  );

/** Returns what a value may be. Where it is one of a few texts, these say so. */
const kindOf = (document: Document, schema: Schema): string => {
  const { format, enum: values, items } = schemaAt(document, schema);
  if (format === "date-time") return "time";
  if (items?.enum) return `array of ${oneOf(items.enum)}, each once`;
  return values ? oneOf(values) : rule(document, schema);
};

const memberTable = (document: Document, members: readonly Member[]): readonly string[] =>
  tableOf(
    ["Member", "Value", "What it is"],
    members
      .filter(({ name }) => !shownElsewhere.test(name))
      .map(({ name, isRequired, schema }) => [
        code(name),
        `${isRequired ? "required: " : ""}${kindOf(document, schema)}`,
        schemaAt(document, schema).description ?? "",
      ]),
  );

/** Returns the members that a request to a route may have, in its body and in its query. */
const requestOf = (document: Document, route: Route) => {
  const [method = "", path = ""] = route.split(" ");
  const { requestBody, parameters = [] } = document.paths[path]?.[method.toLowerCase()] ?? {};
  const body = requestBody?.content["application/json"]?.schema;
  const query = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, required = false, description = "", schema }) => ({
      ...{ name, isRequired: required, schema: { ...schema, description } },
    }));
  return { body: body ? membersOf(document, body) : [], query };
};

/** Returns the tables of the page, by the source that the mark above each of them names. */
const tables = (): ReadonlyMap<string, () => readonly string[]> => {
  const document = openApiDocument() as unknown as Document;
  const ofRequests = operationList.flatMap(([route]) =>
    (["body", "query"] as const).map((part): [string, () => readonly string[]] => [
      `the ${part} of ${code(route)} in \`docs/openapi/\``,
      () => memberTable(document, requestOf(document, route)[part]),
    ]),
  );
  return new Map([
    ["`docs/openapi/operations/`", routeTable],
    ["`domain/reserved-headers.ts`", headerTable],
    ["`docs/render/http.ts`", problemTable],
    ...ofRequests,
  ]);
};

/** Returns the text with each marked table made anew. Throws if a mark names an unknown source. */
export const filledIn = (text: string): string => {
  const made = tables();
  const [before = "", after = ""] = generatedFrom("\0").split("\0");
  const marked = new RegExp(`${before}(.+)${after}\\n+(?:\\|.*\\n)*\\n*`, "g");
  return text.replaceAll(marked, (_, source: string) => {
    const table = made.get(source);
    if (!table) throw new Error(`Nothing on the page on HTTP is made from ${source}.`);
    return `${generatedFrom(source)}\n\n${table().join("\n")}\n\n`;
  });
};

/** Returns the page on HTTP: its text is written by hand, its tables are made. */
export const httpPage = (): string => filledIn(readFileSync(page, "utf8"));
