/* Reads and parses requests in a process whose heap is small, and sends how each is refused. */
import { batchEntries } from "../../handlers/api/batch-parser.ts";
import { parseJson } from "../../handlers/api/read-json.ts";
import { submissionParser } from "../../handlers/submission/parser.ts";

type Asked = { readonly kind: "submit" | "batch"; readonly body: Uint8Array<ArrayBuffer> };
type Refused = { readonly message: string; readonly issues: readonly object[] };

const parse = submissionParser({ allowed: [], http: "never" });
const facts = { senderId: "demo", now: 0 };

const refusalsOf = ({ kind, body }: Asked): readonly object[] => {
  const refusals: object[] = [];
  const refusing = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      const { message, issues } = error as Refused;
      refusals.push({ detail: message, issues });
    }
  };
  const given = new Uint8Array(body).buffer;
  if (kind === "submit") refusing(() => parse(parseJson(given), facts));
  else
    refusing(() => {
      for (const entry of batchEntries(parseJson(given))) refusing(() => parse(entry, facts));
    });
  return refusals;
};

process.on("message", (asked: Asked) => process.send?.(refusalsOf(asked)));
