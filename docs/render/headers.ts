import { readFileSync } from "node:fs";
import { reservedHeaders } from "../../domain/reserved-headers.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

const page = new URL("../reference/http.md", import.meta.url);
const mark = generatedFrom("`domain/reserved-headers.ts`");

/** Returns the page on HTTP with its table of the headers that a sender may not set. */
export const httpPage = (): string => {
  const [before = "", after = ""] = readFileSync(page, "utf8").split(mark);
  const rest = after.trimStart().replace(/^(\|.*\n)+/, "");
  const table = tableOf(
    ["Refused", "Such a header", "See"],
    reservedHeaders.map(({ name, why, source }) => [code(name), why, source]),
  );
  return [before, mark, "\n\n", table.join("\n"), "\n", rest].join("");
};
