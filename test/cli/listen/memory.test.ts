import { expect, test } from "@jest/globals";
import { messageMemory } from "../../../cli/listen/memory.ts";

test("the messages that were met last are remembered, and no more than so many", () => {
  const memory = messageMemory(2);
  memory.meet("a");
  memory.meet("b");
  memory.meet("a");

  memory.meet("c");

  // "b" was met longest ago.
  expect(memory.meet("a").seen).toBe(3);
  expect(memory.meet("b").seen).toBe(1);
});
