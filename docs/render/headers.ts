import { reservedHeaders } from "../../domain/header-rules.ts";
import { code, tableOf } from "./markdown.ts";

/** Returns the table of headers that a sender may not set, as `docs/reference/http.md` has it. */
export const reservedHeadersTable = (): string =>
  tableOf(
    ["Refused", "Such a header"],
    reservedHeaders.map(({ names, why }) => [names.map(code).join(", "), why]),
  ).join("\n");
