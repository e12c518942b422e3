import { limits } from "../../domain/limits.ts";
import { Problem } from "../../domain/problem.ts";
import type { JsonText } from "../submission/json-text.ts";

const mediaType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const notJson = (message: string): Problem =>
  new Problem("VALIDATION_ERROR", "The request is not valid JSON.", {
    issues: [{ path: [], message }],
  });

const decode = (bytes: ArrayBuffer): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notJson("is not UTF-8 (RFC 8259, 8.1)");
  }
};

/**
 * Returns the position that V8's error names. The rest of its message may quote the request, so it
 * is not shown.
 */
const saidPlace = (error: unknown): number | undefined => {
  const [, position] = / at position (\d+) \(line \d+ column \d+\)$/.exec(String(error)) ?? [];
  return position === undefined ? undefined : Number(position);
};

/** Tells whether the text is the beginning of a JSON text. */
const isBeginning = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return String(error).endsWith("end of JSON input") || saidPlace(error) === text.length;
  }
};

/**
 * Returns the position of a syntax error. V8 does not report it for an unexpected token; then the
 * longest valid beginning gives it, by about twenty parses. A long text goes without it: refusing a
 * request must not cost more than accepting one.
 */
const placeOf = (error: unknown, text: string): number | undefined => {
  const said = saidPlace(error);
  if (said !== undefined) return said;
  if (text.length > limits.syntaxPlaceCharsMax) return undefined;
  let fine = 0;
  let past = text.length + 1;
  while (past - fine > 1) {
    const middle = Math.floor((fine + past) / 2);
    if (isBeginning(text.slice(0, middle))) fine = middle;
    else past = middle;
  }
  return fine;
};

/**
 * Throws UNSUPPORTED_MEDIA_TYPE unless the headers declare uncompressed JSON. Needs the headers
 * only, so a refused body is never read.
 */
export const expectJson = (request: Request): void => {
  if (!mediaType.test(request.headers.get("content-type") ?? ""))
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "Send the request as application/json, in UTF-8.");
  if (!/^(identity)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "Send the request without a content-encoding.");
};

/** Parses a body as JSON. Throws VALIDATION_ERROR if it is not JSON in UTF-8. */
export const parseJson = (body: ArrayBuffer): JsonText => {
  const text = decode(body);
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    const place = placeOf(error, text);
    throw notJson(`is not JSON (RFC 8259)${place === undefined ? "" : `, at character ${place}`}`);
  }
};
