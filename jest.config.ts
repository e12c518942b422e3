import { availableParallelism } from "node:os";
import type { Config } from "jest";

/**
 * Test files run as modules of Node's own, which strips their types: in a process for each worker,
 * where a package is loaded once and not once a file. So a test file may not count on globals that
 * nobody else has touched, and cannot replace modules.
 */
const config: Config = {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // The long proofs have a command of their own: `npm run test:proof`.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/proof/"],
  runner: "<rootDir>/test/support/runner.ts",
  testSequencer: "<rootDir>/test/support/sequencer.ts",
  setupFiles: [
    "<rootDir>/test/support/native-modules.ts",
    "<rootDir>/test/support/loopback-only.ts",
  ],
  transform: {},
  // One more than there are cores: many tests wait for a process of their own most of the time. A
  // number, for jest takes a percentage above 100 for the number of workers.
  maxWorkers: availableParallelism() + 1,
};

export default config;
