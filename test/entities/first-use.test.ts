import { expect, test } from "@jest/globals";
import { onFirstUse } from "../../entities/first-use.ts";

/** Something that is made when the test says so, or cannot be. */
const opening = () => {
  const waiting: PromiseWithResolvers<string>[] = [];
  const make = () => {
    const one = Promise.withResolvers<string>();
    waiting.push(one);
    return one.promise;
  };
  return { use: onFirstUse(make), waiting };
};

test("nothing is made before it is asked for", () => {
  expect(opening().waiting).toEqual([]);
});

test("it is made once, for those who ask meanwhile and for those who ask later", async () => {
  const { use, waiting } = opening();

  const [one, other] = [use(), use()];
  waiting[0]?.resolve("made");

  expect(await Promise.all([one, other])).toEqual(["made", "made"]);
  expect(await use()).toBe("made");
  expect(waiting).toHaveLength(1);
});

test("what could not be made fails all who wait, and is made anew for the next", async () => {
  const { use, waiting } = opening();

  const [one, other] = [use(), use()];
  waiting[0]?.reject(new Error("no file can be opened"));

  await expect(one).rejects.toThrow("no file can be opened");
  await expect(other).rejects.toThrow("no file can be opened");
  const next = use();
  waiting[1]?.resolve("made");
  expect(await next).toBe("made");
});
