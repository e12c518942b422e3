/** The commands that run something else: the local edition, and the audits. */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Io } from "../../../cli/io.ts";
import { type CommandOptions, command } from "../../support/command.ts";
import { openStandInEdition } from "../../support/stand-in-edition.ts";

type Run = Parameters<Io["runScript"]>;
/** Runs a command whose script ends with this code, or that has no scripts. */
const running = async (
  args: readonly string[],
  code: number | undefined,
  options: CommandOptions = {},
) => {
  const runs: Run[] = [];
  const runScript: Io["runScript"] = async (...run) => {
    runs.push(run);
    return code;
  };
  return { runs, ...(await command(args, { runScript, ...options })) };
};

describe("dev", () => {
  test("runs the local edition, in the given directory and at the given port", async () => {
    const { code, runs } = await running(["dev", "--port", "0", "--data-dir", "/tmp/none"], 0);

    expect(code).toBe(0);
    const variables = { POSTRIDER_DATA_DIR: "/tmp/none", PORT: "0" };
    expect(runs).toEqual([["local/main.ts", [], variables]]);
  });

  test.each([
    [1, 1, "ended with 1"],
    [2, 2, "ended with 2"],
    [undefined, 2, "needs the engines of a checkout"],
  ])("where the script ends with %s it ends with %s", async (ended, code, fault) => {
    const ran = await running(["dev", "--data-dir", "/tmp/none"], ended);

    expect(ran).toMatchObject({ code, err: expect.stringContaining(fault) });
  });

  describe("with an edition that is up", () => {
    let edition: Awaited<ReturnType<typeof openStandInEdition>>;
    const opened: string[] = [];
    const openPage: Io["openPage"] = (url) => {
      opened.push(url);
    };
    beforeEach(() => {
      opened.length = 0;
    });
    beforeAll(async () => {
      edition = await openStandInEdition();
    });
    afterAll(() => edition.close());

    test("opens the link that signs in, when the one that it started is up", async () => {
      const stopped = Promise.withResolvers<number>();
      // Another data directory than the one in which it is then found: nothing runs there at first.
      const dataDir = join(edition.dataDir, "later");
      const runScript: Io["runScript"] = async () => {
        await symlink(edition.dataDir, dataDir);
        return stopped.promise;
      };
      const openAndStop: Io["openPage"] = (url) => {
        openPage(url);
        stopped.resolve(0);
      };

      const { code } = await command(["dev", "--data-dir", dataDir], {
        ...{ runScript, openPage: openAndStop, isTerminal: true },
      });

      expect({ code, opened }).toEqual({ code: 0, opened: [edition.facts.signInUrl] });
    });

    test("starts no second one, and opens its page on a terminal only", async () => {
      const args = ["dev", "--data-dir", edition.dataDir];

      const piped = await running(args, 0, { openPage });
      const closed = await running([...args, "--no-open"], 0, { openPage, isTerminal: true });
      expect(opened).toEqual([]);
      const shown = await running(args, 0, { openPage, isTerminal: true });

      expect([piped, closed, shown].flatMap(({ runs }) => runs)).toEqual([]);
      expect(shown.err).toContain(`is running already: ${edition.facts.url}`);
      expect(opened).toEqual([`${edition.facts.url}/dashboard`]);
    });
  });
});

describe("audit --local", () => {
  test("runs the audit of a data directory, whose findings end it with 4", async () => {
    const fine = await running(["audit", "--local", "--json"], 0);
    const wrong = await running(["audit", "--local", "--data-dir=/tmp/none"], 1);
    const notDone = await running(["audit", "--local"], 2);

    expect([fine.code, wrong.code, notDone.code]).toEqual([0, 4, 1]);
    expect(fine.runs[0]?.slice(0, 2)).toEqual(["local/audit.ts", ["--json"]]);
    expect(wrong.runs[0]?.[2]).toEqual({ POSTRIDER_DATA_DIR: "/tmp/none" });
  });

  test("takes no option of the audit of a table, and needs a checkout", async () => {
    const both = await running(["audit", "--local", "--table", "a"], 0);
    const inPackage = await running(["audit", "--local"], undefined);

    expect(both).toMatchObject({ code: 2, runs: [], err: expect.stringContaining("--table") });
    expect(inPackage).toMatchObject({ code: 2, err: expect.stringContaining("checkout") });
  });
});

test("deploy prints the steps and where the guide is", async () => {
  const { code, out } = await command(["deploy"]);

  expect(code).toBe(0);
  expect(out).toContain("docs/guides/deploy.md");
});
