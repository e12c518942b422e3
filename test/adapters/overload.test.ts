import { expect, test } from "@jest/globals";
import { isOverload } from "../../adapters/overload.ts";

const error = (fields: object): Error => Object.assign(new Error("a fault"), fields);

test.each([
  ["a throttled table", { name: "ProvisionedThroughputExceededException" }],
  ["a throttled account", { name: "RequestLimitExceeded" }],
  ["a throttled call", { name: "ThrottlingException" }],
  ["a throttled queue", { name: "RequestThrottled" }],
  ["a throttled key", { name: "KmsThrottled" }],
  ["an answer that did not come", { name: "TimeoutError" }],
  ["a fault of AWS", { name: "InternalServerError", $metadata: { httpStatusCode: 500 } }],
  ["too many requests", { $metadata: { httpStatusCode: 429 } }],
  ["a connection that was reset", { code: "ECONNRESET" }],
])("%s may be asked again, more slowly", (_, fields) => {
  expect(isOverload(error(fields))).toBe(true);
});

test.each([
  [
    "a right that is missing",
    { name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } },
  ],
  ["a table that is missing", { name: "ResourceNotFoundException" }],
  ["a bug of ours", { name: "TypeError" }],
])("%s fails the same way again", (_, fields) => {
  expect(isOverload(error(fields))).toBe(false);
});

test.each([undefined, null, "text"])("what is no error is no overload: %p", (thrown) => {
  expect(isOverload(thrown)).toBe(false);
});
