import { docsPage, docsPolicy } from "./docs-page/page.ts";
import document from "./openapi.json" with { type: "json" };

/** Something that describes the service: the same for everybody. */
export type Content = {
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Returns the OpenAPI document, which is made from the schemas at build time (`npm run docs`). */
export const openApiContent = (): Content => ({
  type: "application/json",
  text: JSON.stringify(document),
});

/** Returns the page that shows the document. */
export const docsContent = (): Content => ({
  type: "text/html; charset=utf-8",
  text: docsPage(document),
  headers: { "content-security-policy": docsPolicy },
});
