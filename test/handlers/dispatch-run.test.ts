/** A run of the dispatcher over many messages: in which order, for how long, and beside another. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { inTurn } from "../../adapters/in-turn.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { awsError } from "../support/faults.ts";
import { aMessage } from "../support/messages.ts";
import { openReceiver } from "../support/receiver.ts";
import { openService, type Service, start } from "../support/service.ts";

const { dispatchMarginMs, dispatchCallsMax } = limits;
/** A page of the index has as many entries as the table likes to give, here so few. */
const pageSize = 10;
const throttled = awsError("ProvisionedThroughputExceededException");

let service: Service;
const open = async (overrides: Parameters<typeof openService>[0] = {}, size = pageSize) => {
  const opened = await openService(overrides);
  opened.storage.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        commandName === "QueryCommand"
          ? next({ ...args, input: { ...args.input, Limit: size } })
          : next(args),
    { step: "initialize", priority: "high" },
  );
  return opened;
};
beforeEach(async () => {
  service = await open();
});
afterEach(() => service.close());

/** Stores messages that have been due for longer the lower their number is, and have no record. */
const store = async (count: number, dueShard: string, overrides: Partial<Message> = {}) => {
  const ids = Array.from({ length: count }, (_, index) => `${dueShard}-${index}`);
  const take = inTurn(20);
  const submit = (messageId: string, index: number) => {
    const dueAt = start - 1000 * (count - index);
    const times = { notBefore: dueAt, dueAt, giveUpAt: start + 86_400_000, createdAt: start };
    return service.messages.submit(aMessage({ messageId, dueShard, ...times, ...overrides }));
  };
  await Promise.all(ids.map((messageId, index) => take(() => submit(messageId, index))));
  return ids;
};
const idsQueued = () => service.queued().map(({ messageId }) => messageId);
const shardsAsked = () =>
  service.faults
    .inputs("Query")
    .map(({ ExpressionAttributeValues }) => Object.values(ExpressionAttributeValues as object))
    .map(([shard]) => (shard as { readonly S: string }).S);

describe("A run", () => {
  test("goes on for as many pages as there are, more than twenty", async () => {
    const ids = await store(21 * pageSize + 1, "0");

    await service.dispatch();

    expect(new Set(idsQueued())).toEqual(new Set(ids));
    expect(service.queued()).toHaveLength(ids.length);
  });

  test("gives each shard its turn, whatever waits in another", async () => {
    await store(3 * pageSize - 1, "0");
    await store(5, "1");

    await service.dispatch();

    expect(shardsAsked().slice(0, 2).toSorted()).toEqual(["0", "1"]);
    expect(shardsAsked()).toHaveLength(4);
  });

  test("sends the oldest first, and stops when its time is nearly over", async () => {
    const ids = await store(2 * pageSize, "0");
    // The first page takes so long that another like it would end in the margin.
    service.faults.before("SendMessageBatch", async () => service.advance(30_000));

    await service.dispatch({ shards: [0] }, 60_000 + dispatchMarginMs);

    expect(idsQueued().toSorted()).toEqual(ids.slice(0, pageSize).toSorted());
    const [last] = ids.slice(-1);
    expect(await service.get(last ?? "")).toMatchObject({ status: "PENDING", dueAt: start - 1000 });
  });

  test("leaves what it has no time for to the next one", async () => {
    const ids = await store(2 * pageSize, "0");
    service.faults.before("SendMessageBatch", async () => service.advance(30_000));

    await service.dispatch({}, 60_000 + dispatchMarginMs);
    await service.dispatch();

    expect(new Set(idsQueued())).toEqual(new Set(ids));
    expect(service.queued()).toHaveLength(ids.length);
  });

  test("a run without time for all shards begins with another shard the next minute", async () => {
    await service.close();
    service = await open({ shards: limits.dispatchPagesMax + 1 });
    const asked = async () => {
      const before = shardsAsked().length;
      service.faults.before("Query", async () => service.advance(1));
      await service.dispatch({}, dispatchMarginMs + 1);
      return shardsAsked().slice(before);
    };

    const first = await asked();
    service.advance(60_000);
    const second = await asked();

    expect(first).toHaveLength(limits.dispatchPagesMax);
    expect(new Set([...first, ...second]).size).toBe(limits.dispatchPagesMax + 1);
  });

  test("has a bounded number of writes under way", async () => {
    await service.close();
    service = await open({}, 2 * dispatchCallsMax);
    await store(2 * dispatchCallsMax, "0");
    let underWay = 0;
    let most = 0;
    service.storage.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== "UpdateItemCommand") return next(args);
          underWay += 1;
          most = Math.max(most, underWay);
          try {
            return await next(args);
          } finally {
            underWay -= 1;
          }
        },
      { step: "build" },
    );

    await service.dispatch();

    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(dispatchCallsMax);
  });

  test("tells the age of the oldest message that was due", async () => {
    await store(7, "0");

    await service.dispatch();

    expect(service.durations.get("OldestDueAge")).toEqual([7000]);
  });
});

describe("A run for some shards", () => {
  test("looks after those, and leaves the others alone", async () => {
    const ids = await store(3, "1");
    await store(3, "0");

    await service.dispatch({ shards: [1] });

    expect(idsQueued().toSorted()).toEqual(ids);
  });

  test("tells if messages of the others are due for long: nobody else may be there to", async () => {
    await store(9, "0");

    await service.dispatch({ shards: [1] });

    expect(service.durations.get("OldestDueAge")).toEqual([9000]);
  });

  test("may be for shards that are not there yet, while a deployment is under way", async () => {
    const ids = await store(2, "9");

    await service.dispatch({ shards: [9, 255] });

    expect(idsQueued().toSorted()).toEqual(ids);
  });

  test.each([
    [{ shards: [] }, "shards: must have at least 1 entry"],
    [{ shards: ["0"] }, "shards.0: must be a number"],
    [{ shards: [0, 256] }, "shards.1: must be at most 255"],
    [{ shards: [-1, 0.5] }, "shards.0: must be at least 0; shards.1: must be"],
    [{ shards: 0 }, "shards: must be an array"],
    [null, "event: must be an object"],
  ])("is refused if it is for none that can be, and says why: %j", async (event, fault) => {
    await store(1, "0");

    await expect(service.dispatch(event)).rejects.toThrow(`The dispatcher cannot run: ${fault}`);

    expect(service.queued()).toEqual([]);
  });
});

describe("Two runs at once over the same shard", () => {
  test("lose nothing and deliver nothing twice, whoever is faster with which message", async () => {
    const receiver = await openReceiver();
    const ids = await store(3 * pageSize, "0", { targetUrl: `${receiver.url}/hook` });

    await Promise.all([service.dispatch({ shards: [0] }), service.dispatch({ shards: [0] })]);
    await service.work(...service.queued());

    const statuses = await Promise.all(ids.map((id) => service.get(id)));
    expect(new Set(statuses.map((message) => message?.status))).toEqual(new Set(["COMPLETED"]));
    expect(receiver.seen).toHaveLength(ids.length);
    receiver.close();
  });
});

describe("A run that asks for too much", () => {
  test("reads a throttled index again, more slowly, and does all of its work", async () => {
    const ids = await store(3, "0");
    // The SDK asks three times before it gives up: that is twice.
    service.faults.inject({ command: "Query", when: "before", error: throttled, times: 6 });

    await service.dispatch({ shards: [0] });

    expect(idsQueued().toSorted()).toEqual(ids);
    expect(service.now() - start).toBe(50 + 100);
    expect(service.failures).toEqual([]);
  });

  test("goes on more slowly if it is given only some of a page, and the rest stays due", async () => {
    const ids = await store(2 * pageSize, "0");
    type Read = { Responses: Record<string, object[]> };
    service.faults.alter("BatchGetItem", ({ Responses }: Read) => {
      const [[name = "", items = []] = []] = Object.entries(Responses);
      const Keys = [{ pk: { S: "left" }, sk: { S: "left" } }];
      return { Responses: { [name]: items.slice(1) }, UnprocessedKeys: { [name]: { Keys } } };
    });

    await service.dispatch({ shards: [0] });
    const first = service.queued().length;
    await service.dispatch({ shards: [0] });

    expect(first).toBe(ids.length - 1);
    expect(service.now() - start).toBe(50);
    expect(new Set(idsQueued())).toEqual(new Set(ids));
  });

  test("goes on after a throttled write, more slowly, and leaves that message due", async () => {
    await store(2 * pageSize, "0");
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: throttled },
      on: (input) => JSON.stringify(input).includes('messageId_0-0"'),
    });

    await service.dispatch({ shards: [0] });

    expect(await service.get("0-0")).toMatchObject({ status: "PENDING", dueAt: start - 20_000 });
    expect(await service.get("0-19")).toMatchObject({ status: "QUEUED" });
    expect(service.now() - start).toBe(50);
  });

  test("goes on after a throttled send, more slowly, with the other records sent and marked", async () => {
    await store(2 * pageSize, "0");
    service.faults.inject({
      ...{ command: "SendMessageBatch", when: "before", error: awsError("RequestThrottled") },
      on: ({ Entries }) =>
        /messageId":"0-0"/.test(
          (Entries as { MessageBody: string }[]).map(({ MessageBody }) => MessageBody).join(),
        ),
    });

    await service.dispatch({ shards: [0] });

    expect(service.queued()).toHaveLength(10);
    expect(service.failures).toHaveLength(10);
    expect(service.now() - start).toBe(50);
  });

  test("goes on more slowly if the queue refuses single records of a call", async () => {
    await store(2 * pageSize, "0");
    service.faults.alter("SendMessageBatch", ({ Successful }: { Successful: object[] }) => ({
      Successful: Successful.slice(1),
      Failed: [{ Id: "0", Code: "RequestThrottled", SenderFault: false }],
    }));

    await service.dispatch({ shards: [0] });

    expect(service.now() - start).toBe(50);
  });

  test("ends with its time if that does not help, and fails", async () => {
    service.faults.inject({ command: "Query", when: "before", error: throttled });

    await expect(service.dispatch({ shards: [0] })).rejects.toThrow(
      "Shards could not be dispatched",
    );

    expect(service.now() - start).toBeLessThanOrEqual(60_000 - dispatchMarginMs);
    expect(service.now() - start).toBeGreaterThan(50_000);
  });
});
