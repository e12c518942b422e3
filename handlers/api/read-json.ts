import { parseExactJson } from "../../domain/json.ts";
import { Problem } from "../../domain/problem.ts";

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

/** Where a parser gave up. Its own message would quote the text. */
const placeOf = (error: unknown): string => {
  const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : "") ?? [];
  return position === undefined ? "" : `, at character ${position}`;
};

/**
 * The JSON of a request. Throws UNSUPPORTED_MEDIA_TYPE if it does not say that it is JSON, or is
 * compressed, and VALIDATION_ERROR if it is not JSON in UTF-8.
 */
export const readJson = async (request: Request): Promise<unknown> => {
  if (!mediaType.test(request.headers.get("content-type") ?? ""))
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "Send the message as application/json, in UTF-8.");
  if (!/^(identity)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new Problem("UNSUPPORTED_MEDIA_TYPE", "Send the message without a content-encoding.");

  const text = decode(await request.arrayBuffer());
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw notJson("is nested too deeply");
    throw notJson(`is not JSON (RFC 8259)${placeOf(error)}`);
  }
};
