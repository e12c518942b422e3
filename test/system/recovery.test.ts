import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { awsError, type Fault } from "../support/faults.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, type Service } from "../support/service.ts";

/*
 * A process that dies at some step leaves what it had done by then, and nothing else. Here a call
 * to the table or the queue fails before or after it was carried out, and everything that the same
 * process would do next fails too; then the rest of the system goes on without it.
 */

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  service = await openService();
  receiver = await openReceiver();
});
afterEach(async () => {
  receiver.close();
  await service.close();
});

const crash = awsError("Crash");

/** Everything fails from now on; the result says how to bring the outside back. */
const everythingFails = (): (() => void) => {
  let isDown = true;
  for (const command of ["PutItem", "UpdateItem", "GetItem", "SendMessage"])
    service.faults.inject({ command, when: "before", error: crash, on: () => isDown });
  return () => {
    isDown = false;
  };
};

/** Runs one process until the fault, after which it does nothing any more. */
const dieAt = async (fault: Omit<Fault, "error" | "times">, run: () => Promise<unknown>) => {
  let revive = () => {};
  service.faults.inject({
    ...fault,
    error: crash,
    times: 1,
    on: (input) => {
      const isHere = fault.on?.(input) ?? true;
      if (isHere) revive = everythingFails();
      return isHere;
    },
  });
  await run();
  revive();
};

/** Lets the rest of the system go on: the dispatcher each minute, workers on what is queued. */
const goOn = async (minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    service.advance(60_000);
    await service.dispatch();
    await service.work(...service.queued());
  }
};

const changing = (status: string) => (input: Record<string, unknown>) =>
  JSON.stringify(input["ExpressionAttributeValues"]).includes(`"S":"${status}"`);
const submit = () => service.submit(aRequest({ targetUrl: `${receiver.url}/hook` }));
const work = () => service.work(...service.queued());
const isMessage = (input: Record<string, unknown>) => JSON.stringify(input).includes('"PENDING"');

const outcomes = async (): Promise<readonly string[]> => {
  const { json } = await service.request("/v1/messages/order-1/attempts");
  return json.attempts.map(({ outcome }: { outcome: string }) => outcome);
};

test("a submit that dies after the put: the dispatcher sends it", async () => {
  await dieAt({ command: "PutItem", when: "after", on: isMessage }, submit);
  expect(await service.get("order-1")).toMatchObject({ status: "PENDING", attempts: 0 });

  await goOn(4);

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });
});

test("a submit that dies after the send, before the mark: a worker claims it from PENDING", async () => {
  await dieAt({ command: "SendMessage", when: "after" }, submit);
  expect(await service.get("order-1")).toMatchObject({ status: "PENDING" });

  await work();

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });
});

test("a submit that dies after the mark has done all that it had to", async () => {
  await dieAt({ command: "UpdateItem", when: "after", on: changing("QUEUED") }, submit);

  await work();

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });
});

test("a worker that dies after the claim: the attempt is unknown, and another is made", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "after", on: changing("PROCESSING") }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING", attempts: 1 });

  await goOn(4);

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 2 });
  expect(await outcomes()).toEqual(["unknown", "delivered"]);
});

test("a worker that dies after the delivery: the target gets it once more, by the same id", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "before", on: changing("COMPLETED") }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING", attempts: 1 });

  await goOn(4);

  expect(receiver.seen).toHaveLength(2);
  expect(new Set(receiver.seen.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 2 });
  expect(await outcomes()).toEqual(["unknown", "delivered"]);
});

test("a worker that dies after it settled: nothing is left to do", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "after", on: changing("COMPLETED") }, work);

  await goOn(4);

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 1 });
});

test("a worker that dies between a failed attempt's item and its settling: one attempt, unknown no more", async () => {
  receiver.close();
  receiver = await openReceiver((_, attempt) => ({ status: attempt === 1 ? 500 : 200 }));
  await submit();
  await dieAt({ command: "PutItem", when: "after" }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING", attempts: 1 });

  await goOn(4);

  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 2 });
  expect(await outcomes()).toEqual(["failed", "delivered"]);
});

test("a record that is lost: the dispatcher sends another", async () => {
  await submit();
  expect(await service.get("order-1")).toMatchObject({ status: "QUEUED" });
  await service.purge();

  await goOn(20);

  expect(receiver.seen).toHaveLength(1);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 1 });
});

test("a message that kills its worker each time ends FAILED, and does so for ever", async () => {
  await service.submit(aRequest({ targetUrl: `${receiver.url}/hook`, retry: { maxAttempts: 3 } }));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await dieAt({ command: "UpdateItem", when: "after", on: changing("PROCESSING") }, work);
    service.advance(20 * 60_000);
    await service.dispatch();
    service.advance(150_000);
  }

  await goOn(5);

  expect(receiver.seen).toHaveLength(0);
  expect(await service.get("order-1")).toMatchObject({
    status: "FAILED",
    failReason: "attempts-exhausted",
    attempts: 3,
  });
});
