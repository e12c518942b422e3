import { backlogTable, tables } from "../docs/render/cost-tables.ts";
import type { Part } from "./part.ts";

/** What messages cost on AWS, by the formula whose figures tests count. */
export const cost: Part = {
  about: "what a million messages cost on AWS, by the formula that tests count",
  options: {},
  run: async () => {
    const [message, ...others] = tables();
    const all = [message, ...others, backlogTable()].flatMap((table) => table ?? []);
    return {
      figures: all,
      tables: all.map(({ head: [first = "", ...head], rows }) => ({
        ...{ title: first, head: ["", ...head], rows },
      })),
    };
  },
};
