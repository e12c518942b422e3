import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { backlogTable } from "../../docs/render/cost-tables.ts";
import { boundsOf, measured, perSecond, plans } from "../../docs/render/throughput.ts";
import { shardsOf } from "../../stacks/function-settings.ts";
import { dev, prod } from "../stacks/resources.ts";

const plan = { shards: 8, groups: 4, memoryMb: 1769 };

describe("How many messages that are due are looked after in a second", () => {
  test("is bounded by processors: five sixths of each group's core", () => {
    const { dispatcher } = boundsOf(plan);

    expect(dispatcher).toBeCloseTo((4 * 1000 * (5 / 6)) / measured.processorMs, 6);
    expect(boundsOf({ ...plan, memoryMb: 1769 / 2 }).dispatcher).toBeCloseTo(dispatcher / 2, 6);
    expect(boundsOf({ ...plan, memoryMb: 10_240 }).dispatcher).toBe(dispatcher);
  });

  test("is bounded by the due index: three write units a message, a thousand a shard", () => {
    expect(boundsOf(plan).dueIndex).toBeCloseTo(8000 / 3, 6);
  });

  test("is bounded by the table: six write units a message that is delivered at once", () => {
    expect(boundsOf(plan).table).toBeCloseTo(40_000 / 6, 6);
  });

  test("is the least of them", () => {
    expect(perSecond({ ...plan, groups: 100 })).toBe(boundsOf(plan).dueIndex);
    expect(perSecond({ ...plan, groups: 100, shards: 100 })).toBe(boundsOf(plan).table);
  });

  test("is told of the stages as they are configured", () => {
    for (const [index, stage] of [dev, prod].entries())
      expect(plans[index]).toEqual({
        what: `\`${stage.name}\``,
        shards: shardsOf(stage.settings),
        groups: stage.dispatcher.groups,
        memoryMb: stage.dispatcher.memoryMb,
      });
  });
});

test("The page on operating has this table, and the figure that was measured", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/guides/operate.md"), "utf8");
  const { head, rows } = backlogTable();
  const lines = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));

  // If this fails: npm run cost, and put its last table in the place of the one on the page.
  for (const row of [head, ...rows]) expect(lines).toContainEqual(["", ...row, ""]);
  expect(page).toContain(`${measured.processorMs} ms of a processor`);
});
