import type { Operation } from "./document.ts";

/** Returns a word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Returns the command that sends the example of an operation, as one pastes it into a shell. */
export const curlOf = (method: string, path: string, operation: Operation): string => {
  const { parameters = [], requestBody, security } = operation;
  const given = parameters.filter(({ example }) => example !== undefined);
  const filled = given
    .filter((parameter) => parameter.in === "path")
    .reduce((text, { name, example }) => text.replace(`{${name}}`, String(example)), path);
  const query = given
    .filter((parameter) => parameter.in === "query")
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`)
    .join("&");
  const headers = given
    .filter((parameter) => parameter.in === "header")
    .map(({ name, example }) => `-H ${quoted(`${name.toLowerCase()}: ${String(example)}`)}`);
  const body = requestBody?.content["application/json"]?.example;
  return [
    `curl -s${method === "GET" ? "" : ` -X ${method}`} "$POSTRIDER_URL${filled}${query && `?${query}`}"`,
    ...(security.length > 0 ? ['-H "authorization: Bearer $POSTRIDER_KEY"'] : []),
    ...headers,
    ...(body === undefined
      ? []
      : ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
  ].join(" \\\n  ");
};
