import type { APIGatewayProxyEventV2 } from "aws-lambda";

type Given = Pick<APIGatewayProxyEventV2, "rawPath"> & {
  readonly requestContext: Pick<APIGatewayProxyEventV2["requestContext"], "domainName">;
};

/** RFC 3986, 3.3: what a path holds as it is. */
const notInPath = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;

/**
 * The event with a path as it was sent. A function URL passes the path on percent-encoded; an HTTP
 * API decodes it, and so a `%` or a `?` in it is text. Which `/` had been encoded nobody can tell.
 */
export const withEncodedPath = <Event extends Given>(event: Event): Event =>
  event.requestContext.domainName.includes(".lambda-url.")
    ? event
    : { ...event, rawPath: event.rawPath.toWellFormed().replace(notInPath, encodeURIComponent) };
