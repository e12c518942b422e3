import { availableParallelism } from "node:os";
import type { Config } from "jest";

/** Real ES modules (one of the embedded engines is import-only), compiled by swc, never type-checked here. */
const config: Config = {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // The long proofs have a command of their own: `npm run test:proof`.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/proof/"],
  setupFiles: ["<rootDir>/test/support/loopback-only.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          ...{ target: "es2024", parser: { syntax: "typescript" } },
          // `with { type: "json" }` reaches the runtime, which asks for it.
          experimental: { keepImportAttributes: true },
        },
        module: { type: "es6" },
      },
    ],
  },
  // One more than there are cores: many tests wait for a process of their own most of the time. A
  // number, for jest takes a percentage above 100 for the number of workers.
  maxWorkers: availableParallelism() + 1,
  // Ends what hangs. How fast a machine is, or how busy, is no verdict: no test has less.
  testTimeout: 10 * 60_000,
};

export default config;
