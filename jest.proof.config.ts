import type { Config } from "jest";
import product from "./jest.config.ts";

/** The long proofs: minutes of search, simulation, kills and load. `npm test` has a small part. */
const config: Config = {
  ...product,
  testMatch: ["<rootDir>/test/proof/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};

export default config;
