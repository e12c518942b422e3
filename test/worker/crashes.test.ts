/*
 * A worker that dies leaves what it had done by then, and nothing else. Its process has a client of
 * its own, whose calls all fail from some step on; the rest of the system goes on without it.
 */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Claimed } from "../../worker/claimed.ts";
import { awsError, type Fault } from "../support/faults.ts";
import { aRequest, openService, type Service } from "../support/service.ts";
import { ownWorkerOf } from "./own.ts";

let service: Service;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const crash = awsError("Crash");
const done: string[] = [];
beforeEach(() => {
  done.length = 0;
});
const work = async (claimed: Claimed) => {
  done.push(claimed.id);
  return claimed.complete();
};
const later = async (claimed: Claimed) => {
  done.push(claimed.id);
  return claimed.retry({ class: "timeout" });
};
const changing = (status: string) => (input: Record<string, unknown>) =>
  JSON.stringify(input["ExpressionAttributeValues"]).includes(`"S":"${status}"`);

/** Runs a worker until a call of its own, after which all of its calls fail. */
const dieAt = async (fault: Omit<Fault, "error" | "times">, run: typeof work) => {
  const own = ownWorkerOf(service);
  own.faults.inject({
    ...{ ...fault, error: crash, times: 1 },
    on: (input) => {
      const isHere = fault.on?.(input) ?? true;
      if (isHere)
        for (const command of ["PutItem", "UpdateItem", "GetItem"])
          own.faults.inject({ command, when: "before", error: crash });
      return isHere;
    },
  });
  await own.run(run);
};
/** Lets the rest go on: the dispatcher each minute, and another worker on what is queued. */
const goOn = async (): Promise<void> => {
  for (let minute = 0; minute < 4; minute += 1) {
    service.advance(60_000);
    await service.dispatch();
    await ownWorkerOf(service).run(work);
  }
};
const submit = () => service.submit(aRequest());
const outcomes = async (): Promise<readonly string[]> => {
  const { json } = await service.request("/v1/messages/order-1/attempts");
  return json.attempts.map(({ outcome }: { outcome: string }) => outcome);
};
/** Each time under the same id, by which the second has no effect. */
const expectDone = (times: number) => {
  expect(done).toHaveLength(times);
  expect(new Set(done).size).toBe(1);
};

test("after the claim: the attempt is unknown, and another does the work", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "after", on: changing("PROCESSING") }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING" });
  done.length = 0;

  await goOn();

  expectDone(1);
  expect(await outcomes()).toEqual(["unknown", "delivered"]);
});

test("after the work, before it is settled: the work is done again, under the same id", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "before", on: changing("COMPLETED") }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING" });

  await goOn();

  expectDone(2);
  expect(await outcomes()).toEqual(["unknown", "delivered"]);
});

test("after the item of a failed attempt: it is failed, and the work is done again", async () => {
  await submit();
  await dieAt({ command: "PutItem", when: "after" }, later);
  expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING" });

  await goOn();

  expectDone(2);
  expect(await outcomes()).toEqual(["failed", "delivered"]);
});

test("after it was settled: its record comes again, and is dropped", async () => {
  await submit();
  await dieAt({ command: "UpdateItem", when: "after", on: changing("COMPLETED") }, work);
  expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });

  await goOn();

  expectDone(1);
  expect(await outcomes()).toEqual(["delivered"]);
});

test("after a retry was settled, before its record is sent: the dispatcher sends it", async () => {
  await submit();
  service.faults.inject({ command: "SendMessage", when: "before", error: crash, times: 1 });
  await ownWorkerOf(service).run(later);
  expect(await service.get("order-1")).toMatchObject({ status: "PENDING", attempts: 1 });
  expect(service.recordsOf("order-1")).toHaveLength(1);

  await goOn();

  expectDone(2);
  expect(await outcomes()).toEqual(["failed", "delivered"]);
});
