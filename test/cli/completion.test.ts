/** The completions, run by the shells themselves, as far as they are on this machine. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { command } from "../support/command.ts";
import { describeWhereThereIs } from "../support/programs.ts";

const run = promisify(execFile);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "postrider-completion-"));
});
afterAll(() => rm(dir, { recursive: true }));

const describeIn = (shell: "bash" | "zsh" | "fish", tests: (script: () => string) => void): void =>
  describeWhereThereIs(shell, `The completion of ${shell}`, () => {
    const path = () => join(dir, shell);
    beforeAll(async () => writeFile(path(), (await command(["completion", shell])).out));
    tests(path);
  });
const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

/** What is typed, and what is offered after it. */
const cases = [
  [["se"], ["send", "send-now", "senders", "secrets"]],
  [["jobs", "re"], ["resume"]],
  [["jobs", "get", "--w"], ["--wait"]],
  [["--profile", "prod", "list", "--st"], ["--status"]],
  [["completion", ""], expect.arrayContaining(["bash", "zsh", "fish"])],
  [["audit", "--seg"], ["--segments"]],
  [["get", "--bo"], ["--body"]],
  [["send", "--no-such"], []],
] as const;

describeIn("bash", (script) => {
  test.each(cases)("offers after postrider %j what is possible there", async (words, expected) => {
    const ask = `source ${script()}
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postrider; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["-c", ask, "bash", "postrider", ...words]);

    expect(linesOf(stdout)).toEqual(expected);
  });
});

describeIn("fish", (script) => {
  test.each(cases)("offers after postrider %j what is possible there", async (words, expected) => {
    const ask = `source ${script()}; complete -C "postrider ${words.join(" ")}"`;
    const environment = { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir };

    const { stdout, stderr } = await run("fish", ["--no-config", "-c", ask], { env: environment });

    const offered = linesOf(stdout).map((line) => line.split("\t")[0] ?? "");
    expect(stderr).toBe("");
    expect(offered.sort()).toEqual(Array.isArray(expected) ? [...expected].sort() : expected);
  });
});

describeIn("zsh", (script) => {
  /** A zsh as a person has it, on a terminal that another one types at: it has no other way to ask. */
  const typed = (line: string, seen: readonly string[]): string => `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "stty columns 500; autoload -U compinit; compinit -u -D; source ${script()}; print REA''DY"
zpty -r -m z out '*READY*'
zpty -n -w z $'${line}\\t\\t'
${seen.map((each) => `zpty -r -m z out '*${each}*' && print -r -- "$out"`).join("\n")}
zpty -d z`;

  test.each([
    ["postrider jobs re", ["resume"]],
    ["postrider jobs get --w", ["--wait"]],
    ["postrider --profile prod list --st", ["--status"]],
    ["postrider completion z", ["zsh"]],
    ["postrider sen", ["send-now*senders"]],
  ] as const)("completes %s", async (line, seen) => {
    const { stdout } = await run("zsh", ["-f", "-c", typed(line, seen)], { timeout: 60_000 });

    for (const each of seen) expect(stdout).toMatch(new RegExp(each.replace("*", "[\\s\\S]*")));
  });
});

test("There is no completion of another shell", async () => {
  const other = await command(["completion", "csh"]);

  expect(other).toMatchObject({ code: 2, err: expect.stringContaining("bash, zsh, fish") });
});
