import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { settings } from "../../adapters/settings.ts";
import { type Page, pages, pathOf } from "../../docs/generate.ts";
import { operationList } from "../../docs/openapi/operations.ts";
import { configurationPage } from "../../docs/render/configuration.ts";
import { filledIn, httpPage } from "../../docs/render/http.ts";
import { lifecyclePage } from "../../docs/render/lifecycle.ts";
import { limitsPage } from "../../docs/render/limits.ts";
import { changeVerbs, lifecycle, type Row, verbs } from "../../domain/lifecycle.ts";
import { limits } from "../../domain/limits.ts";
import { failReasons, statuses } from "../../domain/message.ts";

const root = join(import.meta.dirname, "../..");

// If this fails: npm run docs.
test.each<Page>(pages)("$file is what it is made from", (page) => {
  expect(readFileSync(pathOf(page), "utf8")).toBe(page.render());
});

test.each<Page>(pages)("$file is the same each time it is made", ({ render }) => {
  expect(render()).toBe(render());
});

describe("the page on the life of a message", () => {
  const page = lifecyclePage();
  const diagram = page.slice(page.indexOf("```mermaid"), page.indexOf("## States"));

  test.each(verbs)("draws %s as an arrow from each state that it starts from", (verb) => {
    const { from, to }: Row = lifecycle[verb];

    for (const start of from) {
      const arrow = new RegExp(
        `^ {2}${start} --> ${to === "same" ? start : to}: .*\\b${verb}\\b`,
        "m",
      );
      expect(diagram).toMatch(arrow);
    }
  });

  test("begins the diagram with a submit", () => {
    expect(diagram).toContain("[*] --> PENDING: submit");
  });

  test.each(verbs)("tells of %s in its table", (verb) => {
    expect(page).toMatch(new RegExp(`^\\| \`${verb}\` +\\|`, "m"));
  });

  test.each(statuses)("has a section on %s, and who moves it on", (status) => {
    expect(page).toMatch(
      new RegExp(`### ${status}\\n\\n.+\\n\\n- Entered by .+\\n- Moved on by .+`),
    );
  });

  test.each(failReasons)("says what %s means", (reason) => {
    expect(page).toMatch(new RegExp(`^\\| \`${reason}\` +\\|`, "m"));
  });
});

test("Some handler does every verb of the lifecycle", () => {
  const handlers = readdirSync(join(root, "handlers"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "handlers", file), "utf8"))
    .join();

  expect(changeVerbs.filter((verb) => !handlers.includes(`.${verb}(`))).toEqual([]);
});

describe("the page on configuration", () => {
  const names = [...configurationPage().matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);

  test("lists every variable of every edition, once", () => {
    const all = Object.values(settings).map(({ variable }) => variable);

    expect(names.toSorted()).toEqual([...new Set(all)].toSorted());
  });
});

describe("the page on HTTP", () => {
  const page = httpPage();
  const rows = new Set([...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name));

  test.each(operationList)("has each member of a request to %s in a table", (_, operation) => {
    const { body, query } = operation;

    const members = Object.keys({ ...body?.shape, ...query?.shape });

    // A batch has one member, which the text is about.
    const inTables = members.filter((name) => name !== "messages" && name !== "by");
    expect(inTables.filter((name) => !rows.has(name))).toEqual([]);
  });

  test("is refused if a mark names nothing that a table is made from", () => {
    expect(() =>
      filledIn("<!-- Made from `x` by `npm run docs`. Edit that, not this. -->\n"),
    ).toThrow("Nothing on the page on HTTP is made from `x`.");
  });
});

describe("the page of limits", () => {
  const page = limitsPage();

  test.each(Object.keys(limits))("has %s, once", (limit) => {
    expect(page.split(`\`${limit}\``)).toHaveLength(2);
  });

  test.each([
    ["bodyBytesMax", "256 KiB"],
    ["requestBytesMax", "2 MiB"],
    ["headersCountMax", "50 headers"],
    ["targetUrlCharsMax", "2,048 characters"],
    ["waitMsMax", "24 hours"],
    ["queueDelayMsMax", "15 minutes"],
    ["timeoutMsMin", "100 milliseconds"],
  ])("says %s as %s", (limit, text) => {
    expect(page).toMatch(new RegExp(`\\| ${text} +\\| \`${limit}\` +\\|`));
  });
});
