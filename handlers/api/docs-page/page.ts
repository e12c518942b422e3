import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { curlOf } from "./curl.ts";
import { type Answer, answerAt, type Document, type Operation } from "./document.ts";
import { type Html, memberList, row, rule, words } from "./members.ts";
import { style } from "./style.ts";

type Placed = { readonly method: string; readonly path: string; readonly operation: Operation };

const placedOf = ({ paths }: Document): readonly Placed[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, operation },
    })),
  );

const badge = (method: string): Html => html`<b class="${method.toLowerCase()}">${method}</b>`;

const json = (value: unknown): Html => html`<pre>${JSON.stringify(value, null, 2)}</pre>`;

/** A path may be broken after each slash on a narrow screen. */
const pathText = (path: string): Html =>
  html`<code>${path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`)}</code>`;

const parametersOf = (document: Document, { parameters = [] }: Operation): Html | string =>
  parameters.length === 0
    ? ""
    : html`<h4>Parameters</h4><dl>${parameters.map((parameter) => {
        const { name, schema, required, description } = parameter;
        const needed = required ? "required, " : "";
        return row(name, `${parameter.in}, ${needed}${rule(document, schema)}`, description);
      })}</dl>`;

const bodyOf = (document: Document, { requestBody }: Operation): Html | string => {
  const schema = requestBody?.content["application/json"]?.schema;
  if (!schema) return "";
  const optional = requestBody?.required ? "" : ", which may be left out";
  return html`<h4>Request body${optional}</h4>${memberList(document, schema, true)}`;
};

const isProblem = ({ content }: Answer): boolean =>
  content?.["application/problem+json"] !== undefined;

const answerPart = (document: Document, status: string, answer: Answer): Html => {
  const { schema, example } = answer.content?.["application/json"] ?? {};
  const [type] = Object.keys(answer.content ?? {});
  const headers = Object.entries(answer.headers ?? {});
  return html`<details>
<summary><b>${status}</b> ${words(answer.description)}</summary>
${headers.length > 0 ? html`<dl>${headers.map(([name, { description }]) => row(name, "header", description))}</dl>` : ""}
${schema ? memberList(document, schema, false) : html`<p>${type ?? "No content."}</p>`}
${example === undefined ? "" : json(example)}
</details>`;
};

const titleOf = (value: unknown): string => (value as { readonly title?: string }).title ?? "";

const problemRows = (status: string, { content }: Answer): readonly Html[] =>
  Object.entries(content?.["application/problem+json"]?.examples ?? {}).map(
    ([code, { value }]) =>
      html`<li><details><summary><b>${status}</b> <code>${code}</code> ${titleOf(value)}</summary>${json(value)}</details></li>`,
  );

const operationPart = (document: Document, { method, path, operation }: Placed): Html => {
  const { operationId, summary, description, security, responses } = operation;
  const answers = Object.entries(responses).map(
    ([status, answer]) => [status, answerAt(document, answer)] as const,
  );
  const problems = answers.filter(([, answer]) => isProblem(answer));
  const scopes = security.flatMap(({ apiKey = [] }) => apiKey);
  return html`<section id="${operationId}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="route">${badge(method)} ${pathText(path)}</p>
<p>${words(description)}</p>
<p class="scope">${
    scopes.length > 0
      ? html`Needs a key with the scope ${scopes.map((scope) => html`<code>${scope}</code> `)}`
      : "Needs no key"
  }</p>
${parametersOf(document, operation)}
${bodyOf(document, operation)}
<h4>Example</h4>
<pre>${curlOf(method, path, operation)}</pre>
<h4>Answers</h4>
${answers
  .filter(([, answer]) => !isProblem(answer))
  .map(([status, answer]) => answerPart(document, status, answer))}
${
  problems.length > 0
    ? html`<h4>Problems</h4><ul class="problems">${problems.map(([status, answer]) => problemRows(status, answer))}</ul>`
    : ""
}
</section>`;
};

const ofTag = (placed: readonly Placed[], tag: string): readonly Placed[] =>
  placed.filter(({ operation }) => operation.tags.includes(tag));

const navigation = (document: Document, placed: readonly Placed[]): Html =>
  html`<nav>${document.tags.map(
    ({ name }) =>
      html`<h2>${name}</h2><ul>${ofTag(placed, name).map(
        ({ method, path, operation }) =>
          html`<li><a href="#${operation.operationId}">${badge(method)} ${pathText(path)}</a></li>`,
      )}</ul>`,
  )}</nav>`;

/** Returns the page of an OpenAPI document. It has no script and loads nothing. */
export const docsPage = (document: Document): string => {
  const { info, tags } = document;
  const placed = placedOf(document);
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title}: HTTP interface</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>${info.title}: HTTP interface</h1>
<p>${words(info.description)}</p>
<p>Version ${info.version}. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). The commands
below take the address from <code>POSTRIDER_URL</code> and the key from <code>POSTRIDER_KEY</code>.</p>
</header>
${navigation(document, placed)}
<main>
${tags.map(
  ({ name, description }) => html`<h2>${name}</h2>
<p>${words(description)}</p>
${ofTag(placed, name).map((each) => operationPart(document, each))}`,
)}
</main>
</body>
</html>
`);
};

/** The policy of the page: its own style, by its hash, and nothing else from anywhere. */
export const docsPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");
