import type { APIGatewayProxyEventV2 } from "aws-lambda";

const host = "abc123.execute-api.us-east-1.amazonaws.com";

/** What an HTTP API calls a function with, payload format version 2.0. */
export const httpEvent = (
  method: string,
  path: string,
  { apiKey, ...given }: { readonly apiKey?: string } & Partial<APIGatewayProxyEventV2> = {},
): APIGatewayProxyEventV2 => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: path,
  rawQueryString: "",
  headers: {
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    "content-type": "application/json",
    "x-forwarded-for": "198.51.100.7",
    host,
  },
  requestContext: {
    accountId: "123456789012",
    apiId: "abc123",
    domainName: host,
    domainPrefix: "abc123",
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "198.51.100.7", userAgent: "curl/8" },
    requestId: "request-1",
    routeKey: "$default",
    stage: "$default",
    time: "01/Mar/2026:12:00:00 +0000",
    timeEpoch: 1_772_366_400_000,
  },
  isBase64Encoded: false,
  ...given,
});
