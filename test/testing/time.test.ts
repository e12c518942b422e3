/** The clock of the test kit: what waits for it, and when it may be moved. */
import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { virtualTime } from "../../testing/time.ts";

test("Those that wait for one time go on in the order in which they began to wait", async () => {
  const time = virtualTime(0);
  const woken: number[] = [];
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  for (const number of numbers)
    time.begin(async () => {
      await time.wait(10);
      woken.push(number);
    });
  await time.quiet();

  expect(time.wake()).toBe(false);
  time.moveTo(10);
  while (time.wake()) await time.quiet();

  expect(woken).toEqual(numbers);
});

test("Nothing is quiet while a task does something that takes real time", async () => {
  const time = virtualTime(0);
  const done: string[] = [];
  time.begin(async () => {
    const text = await readFile(import.meta.filename, "utf8");
    done.push(text.slice(0, 3));
    await time.wait(5);
  });

  await time.quiet();

  expect(done).toEqual(["/**"]);
  expect(time.next()).toBe(5);
});

test("Nothing is quiet while a call is under way, whoever made it", async () => {
  const time = virtualTime(0);
  let isAnswered = false;
  const call = time.during(async () => {
    await readFile(import.meta.filename);
    isAnswered = true;
  });

  await time.quiet();

  expect(isAnswered).toBe(true);
  await call;
});

test("A wait outside of any task moves the clock: nobody else would", async () => {
  const time = virtualTime(1000);

  await time.wait(250);

  expect(time.now()).toBe(1250);
  time.moveTo(1000);
  expect(time.now()).toBe(1250);
});

test("What a task throws is thrown where it is waited for, once", async () => {
  const time = virtualTime(0);
  time.begin(() => Promise.reject(new Error("of a task")));

  await expect(time.quiet()).rejects.toThrow("of a task");
  await time.quiet();
});
