import { describe, expect, test } from "@jest/globals";
import { defaults } from "../../proof/model/config.ts";
import { search } from "../../proof/model/search.ts";
import { storyOf } from "../../proof/model/story.ts";
import { type Batch, childrenOf } from "../../proof/simulation/children.ts";
import { sumOf } from "../../proof/simulation/sums.ts";

// A few seconds of what `npm run test:proof` does for minutes: enough to notice a lifecycle or a
// handler that is plainly broken before it is committed.

const schedules = 100;
const patienceMs = 180_000;

describe("The model", () => {
  test(
    "keeps every promise with one submit, two workers and no fault",
    () => {
      const config = { ...defaults, ingestions: 1, faults: 0 };

      const result = search(config);

      expect(storyOf(config, result)).toEqual([]);
      expect(result.isComplete).toBe(true);
    },
    patienceMs,
  );
});

describe("The simulation", () => {
  test(
    "breaks no promise in a hundred schedules",
    async () => {
      // One process: other tests run beside it, and a second one would load everything again.
      const found = await childrenOf<Batch>([
        ["explore", "--from", "1", "--schedules", String(schedules)],
      ]);

      const { runs, broken } = sumOf(found.flat());
      expect(broken.map(({ seed, invariant }) => `seed ${seed}: ${invariant}`)).toEqual([]);
      expect(runs).toBe(schedules);
    },
    patienceMs,
  );
});
