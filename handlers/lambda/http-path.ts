import type { APIGatewayProxyEventV2 } from "aws-lambda";

type Given = Pick<APIGatewayProxyEventV2, "rawPath"> & {
  readonly requestContext: Pick<APIGatewayProxyEventV2["requestContext"], "domainName">;
};

/** The characters that a path contains unencoded (RFC 3986, 3.3). */
const notInPath = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;

/**
 * Returns the event with its path as sent. A function URL passes the path on percent-encoded; an
 * HTTP API decodes it, so a `%` or `?` in it is text. An encoded `/` cannot be recognized any more.
 */
export const withEncodedPath = <Event extends Given>(event: Event): Event =>
  event.requestContext.domainName.includes(".lambda-url.")
    ? event
    : { ...event, rawPath: event.rawPath.toWellFormed().replace(notInPath, encodeURIComponent) };
