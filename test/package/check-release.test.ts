import { expect, test } from "@jest/globals";
import { releaseFaults } from "../../package/check-release.ts";

const changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- A\n";
const release = { tag: "v0.2.0", version: "0.2.0", changelog };

test("A version is published under its tag, with its section of the changelog", () => {
  expect(releaseFaults(release)).toEqual([]);
});

test("Every reason against a release is told", () => {
  const open = changelog.replace("## [0.2.0]", "### Added\n\n- B\n\n## [0.2.1]");

  expect(releaseFaults({ ...release, tag: "v0.3.0", changelog: open })).toEqual([
    "The tag is v0.3.0, and package.json has 0.2.0.",
    "CHANGELOG.md has no section “[0.2.0] - <date>”.",
    "CHANGELOG.md still has lines under “[Unreleased]”.",
  ]);
  const undated = changelog.replace(" - 2026-12-01", "");
  expect(releaseFaults({ ...release, changelog: undated })).toHaveLength(1);
  expect(releaseFaults({ ...release, version: "0a2b0" })).toHaveLength(2);
});
