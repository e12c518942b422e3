import { relative } from "node:path";
import sequencer from "@jest/test-sequencer";

// Its types are those of its CommonJS twin, in which the class is a member.
const Sequencer = sequencer as unknown as typeof sequencer.default;

/**
 * What takes longest, by the folder or file: processes, synthesized stacks, browsers. Begun last, one
 * of these would run alone in the end.
 */
const slow = [
  ...["test/system/local-edition", "test/system/lambda", "test/dashboard/browser"],
  ...[
    "test/stacks/template",
    "test/cli/local",
    "test/examples/receivers",
    "test/docs/deploy-guide",
  ],
  ...["test/stacks/app", "test/stacks/construct", "test/system/", "test/handlers/quarantine"],
  ...["test/docs/", "test/handlers/api/isolation", "test/local/"],
];

const rankOf = (path: string): number => {
  const rank = slow.findIndex((start) => relative(process.cwd(), path).startsWith(start));
  return rank === -1 ? slow.length : rank;
};

type Test = Parameters<sequencer.default["sort"]>[0][number];

/**
 * Puts the slow tests first: a fresh clone has no times of an earlier run. Of the others, jest's own
 * order: what failed, then what took longest, then the largest files.
 */
export default class SlowFirst extends Sequencer {
  override async sort(tests: Test[]): Promise<Test[]> {
    const sorted = await super.sort(tests);
    return sorted.toSorted((a, b) => rankOf(a.path) - rankOf(b.path));
  }
}
