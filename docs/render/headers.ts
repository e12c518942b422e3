import { readFileSync } from "node:fs";
import { reservedHeaders } from "../../domain/header-rules.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

const page = new URL("../reference/http.md", import.meta.url);
const mark = generatedFrom("`domain/header-rules.ts`");

/** Returns the page on HTTP with its table of the headers that a sender may not set. */
export const httpPage = (): string => {
  const [before = "", after = ""] = readFileSync(page, "utf8").split(mark);
  const rest = after.trimStart().replace(/^(\|.*\n)+/, "");
  const table = tableOf(
    ["Refused", "Such a header"],
    reservedHeaders.map(({ names, why }) => [names.map(code).join(", "), why]),
  );
  return [before, mark, "\n\n", table.join("\n"), "\n", rest].join("");
};
