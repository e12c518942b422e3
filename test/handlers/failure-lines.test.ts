import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { failureFields } from "../../adapters/failure.ts";
import { awsError } from "../support/faults.ts";
import { aRequest, openService, type Service } from "../support/service.ts";

let service: Service;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

/** What the log says of each failure of ours since the last time. */
const failures = () =>
  service.failures.splice(0).map(({ what, error, fields }) => {
    const { operation, dependency } = failureFields(error);
    const { senderId, messageId } = { senderId: undefined, messageId: undefined, ...fields };
    return { what, operation, dependency, senderId, messageId };
  });

const broken = awsError("InternalServerError", 500);
const fail = (command: string) => service.faults.inject({ command, when: "before", error: broken });
const order = { senderId: "shop", messageId: "order-1" };
const table = () => service.storage.table;
const queue = () => service.queueUrl.split("/").at(-1);

test.each([
  ["PutItem", () => table()],
  ["SendMessage", () => queue()],
  ["UpdateItem", () => table()],
])("a submit whose %s fails says so, of what and for which message", async (operation, where) => {
  fail(operation);

  expect(await service.submit(aRequest())).toMatchObject({ status: 503 });

  expect(failures()).toEqual([
    { what: "request failed", operation, dependency: where(), ...order },
  ]);
});

test("a look-up of a key that fails says so", async () => {
  fail("GetItem");

  expect(await service.submit(aRequest())).toMatchObject({ status: 503 });
  expect(await service.request("/v1/messages/order-1")).toMatchObject({ status: 503 });

  const failed = { what: "request failed", operation: "GetItem", dependency: table() };
  expect(failures()).toEqual([
    // Nothing of the request has been read by then.
    { ...failed, senderId: undefined, messageId: undefined },
    { ...failed, senderId: undefined, messageId: "order-1" },
  ]);
});

test("a read of a message that fails says of which", async () => {
  await service.submit(aRequest());
  fail("GetItem");

  expect(await service.request("/v1/messages/order-1")).toMatchObject({ status: 503 });

  expect(failures()).toEqual([
    { what: "request failed", operation: "GetItem", dependency: table(), ...order },
  ]);
});

test("a record whose claim fails says which call failed for which message", async () => {
  await service.submit(aRequest());
  fail("UpdateItem");

  await service.work({ v: 1, ...order, attempt: 1 });

  expect(failures()).toEqual([
    { what: "record failed", operation: "UpdateItem", dependency: table(), ...order },
  ]);
});

test("a dispatcher that cannot read its index says which call failed, for each shard", async () => {
  fail("Query");

  await expect(service.dispatch()).rejects.toThrow("Shards could not be dispatched");
  const shards = service.failures.map(({ fields }) => fields?.["shard"]);

  expect(shards.toSorted()).toEqual(["0", "1"]);
  const failed = { what: "shard not dispatched", operation: "Query", dependency: table() };
  const nobody = { senderId: undefined, messageId: undefined };
  expect(failures()).toEqual([
    { ...failed, ...nobody },
    { ...failed, ...nobody },
  ]);
});

test("a dispatcher whose write fails says for which message", async () => {
  await service.submit(aRequest());
  service.advance(3_600_000);
  fail("UpdateItem");

  await service.dispatch();

  expect(failures()).toContainEqual({
    what: "not dispatched",
    operation: "UpdateItem",
    dependency: table(),
    ...order,
  });
});

test("several failures in one say of each which call it was", async () => {
  fail("Query");
  const error = await service.dispatch().catch((thrown: unknown) => thrown);

  const call = { operation: "Query", dependency: table() };
  expect(failureFields(error)).toMatchObject({
    error: "AggregateError",
    errors: [call, call],
  });
});
