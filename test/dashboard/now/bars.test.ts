import { describe, expect, test } from "@jest/globals";
import { mergedOutcomes, outcomeBars } from "../../../dashboard/now/bars.ts";

const at = (from: number, counts: readonly [number, number, number]) => {
  const [completed, retried, failed] = counts;
  return { from, to: from + 5, completed, retried, failed };
};

describe("Outcomes", () => {
  test("are added up to bars that begin where the clock divides, and none is lost", () => {
    const merged = mergedOutcomes(
      [
        at(10, [1, 0, 0]),
        at(15, [2, 1, 0]),
        at(20, [4, 0, 0]),
        at(25, [8, 0, 3]),
        at(30, [0, 1, 1]),
      ],
      15,
    );

    expect(merged).toEqual([
      { from: 10, to: 15, completed: 1, retried: 0, failed: 0 },
      { from: 15, to: 30, completed: 14, retried: 1, failed: 3 },
      { from: 30, to: 35, completed: 0, retried: 1, failed: 1 },
    ]);
  });

  test("are drawn to one scale: accepted above the line, failed below it", async () => {
    const drawn = String(await outcomeBars([at(0, [60, 10, 30])], "All of it"));

    expect(drawn).toContain(
      '<rect class="bar-completed" x="1" y="0.00" width="8" height="60.00"/>',
    );
    expect(drawn).toContain('<rect class="bar-failed" x="1" y="60.00" width="8" height="30.00"/>');
    expect(drawn).toContain('<rect class="bar-retried" x="1" y="90.00" width="8" height="10.00"/>');
  });

  test("of which there is little beside much are still seen, and those that are none are not drawn", async () => {
    const drawn = String(await outcomeBars([at(0, [100_000, 0, 1])], "All of it"));

    expect(drawn).toContain('class="bar-failed" x="1" y="100.00" width="8" height="1.50"');
    expect(drawn).not.toContain("bar-retried");
  });
});
