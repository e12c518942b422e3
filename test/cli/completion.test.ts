import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "@jest/globals";
import { command } from "../support/command.ts";

const run = promisify(execFile);
let script: string;
beforeAll(async () => {
  script = (await command(["completion", "bash"])).out;
});

/** What bash itself offers after these words. */
const offered = async (...words: readonly string[]): Promise<readonly string[]> => {
  const ask = `${script}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postrider; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run("bash", ["-c", ask, "bash", "postrider", ...words]);
  return stdout.split("\n").filter((line) => line !== "");
};

test.each([
  [["se"], ["send", "send-now", "senders", "secrets"]],
  [["jobs", "re"], ["resume"]],
  [["jobs", "get", "--w"], ["--wait"]],
  [["--profile", "prod", "list", "--st"], ["--status"]],
  [["completion", ""], expect.arrayContaining(["bash", "zsh", "fish", "--json"])],
  [["audit", "--seg"], ["--segments"]],
  [["send", "--no-such"], []],
] as const)("bash offers after postrider %j what is possible there", async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test("the scripts for zsh and fish have the same commands", async () => {
  const zsh = await command(["completion", "zsh"]);
  const fish = await command(["completion", "fish"]);
  const other = await command(["completion", "csh"]);

  expect(zsh.out).toContain(script);
  expect(fish.out).toContain("= 'jobs'\" -f -a resume");
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining("bash, zsh, fish") });
});
