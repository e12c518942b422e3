/** Each script of an operator as npm runs it: in a process of its own. */
import { expect, test } from "@jest/globals";
import { type CommandName, runProcess } from "./aws.ts";

const names: readonly CommandName[] = [
  "add-operator",
  "add-sender",
  "audit",
  "revoke-key",
  "rotate-secret",
];

test.each(names)(
  "%s prints its help, and refuses an option that it does not have",
  async (name) => {
    const [help, wrong] = await Promise.all([
      runProcess(name, ["--help"], {}),
      runProcess(name, ["--colour=red"], {}),
    ]);

    expect(help).toEqual({ code: 0, out: expect.stringContaining(`npm run ${name} --`), err: "" });
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toContain("--colour: is not an option");
  },
);
