/**
 * Writes the pages that are made from code: `npm run docs`. A test fails when one on disk is not
 * what its renderer says, so none of them can drift.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { openApiText } from "./openapi/document.ts";
import { auditPage } from "./render/audit.ts";
import { commandPage } from "./render/command.ts";
import { configurationPage } from "./render/configuration.ts";
import { httpPage } from "./render/http.ts";
import { lifecyclePage } from "./render/lifecycle.ts";
import { limitsPage } from "./render/limits.ts";
import { performancePage, performancePlot } from "./render/performance.ts";
import { scalePage } from "./render/scale-page.ts";

/** One page: where it is, from the root of the repository, and what is on it. */
export type Page = { readonly file: string; readonly render: () => string };

export const pages: readonly Page[] = [
  { file: "docs/internals/scale.md", render: scalePage },
  { file: "docs/reference/audit.md", render: auditPage },
  { file: "docs/reference/command.md", render: commandPage },
  { file: "docs/reference/configuration.md", render: configurationPage },
  { file: "docs/reference/http.md", render: httpPage },
  { file: "docs/reference/lifecycle.md", render: lifecyclePage },
  { file: "docs/reference/limits.md", render: limitsPage },
  { file: "docs/reference/performance.md", render: performancePage },
  { file: "docs/reference/performance.svg", render: performancePlot },
  { file: "handlers/api/openapi.json", render: openApiText },
];

/** The absolute path of a page. */
export const pathOf = ({ file }: Page): string =>
  fileURLToPath(new URL(`../${file}`, import.meta.url));

if (import.meta.main)
  for (const page of pages) {
    mkdirSync(dirname(pathOf(page)), { recursive: true });
    writeFileSync(pathOf(page), page.render());
  }
