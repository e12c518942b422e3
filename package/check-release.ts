/** Says whether this commit may be published under a tag: `node package/check-release.ts v0.2.0`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { print, printError } from "../adapters/terminal.ts";
import { root } from "./doors.ts";

/** Returns every reason why a version may not be published under a tag. */
export const releaseFaults = ({
  tag,
  version,
  changelog,
}: {
  readonly tag: string;
  readonly version: string;
  readonly changelog: string;
}): readonly string[] => {
  const sections = changelog.split(/^## /m).slice(1);
  const [unreleased = ""] = sections.filter((each) => each.startsWith("[Unreleased]"));
  const isDated = sections.some(
    (each) => each.startsWith(`[${version}] - `) && /^\S+ - \d{4}-\d\d-\d\d\n/.test(each),
  );
  return [
    ...(tag === `v${version}` ? [] : [`The tag is ${tag}, and package.json has ${version}.`]),
    ...(isDated ? [] : [`CHANGELOG.md has no section “[${version}] - <date>”.`]),
    ...(/^- /m.test(unreleased) ? ["CHANGELOG.md still has lines under “[Unreleased]”."] : []),
  ];
};

const read = (file: string): string => readFileSync(join(root, file), "utf8");

if (import.meta.main) {
  const [tag = "none"] = process.argv.slice(2);
  const { version } = JSON.parse(read("package.json")) as { readonly version: string };
  const faults = releaseFaults({ tag, version, changelog: read("CHANGELOG.md") });
  if (faults.length === 0) print(`${version} may be published.\n`);
  for (const fault of faults) printError(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
