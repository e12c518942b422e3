/** What a person is told who has not got what the command needs: in plain words, with nothing done. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { addOperator } from "../../cli/add-operator.ts";
import { addSender } from "../../cli/add-sender.ts";
import { audit } from "../../cli/audit.ts";
import { revokeKeyCommand } from "../../cli/revoke-key.ts";
import { rotateSecretCommand } from "../../cli/rotate-secret.ts";
import { masterKey } from "../support/service.ts";
import { useTable } from "../support/table.ts";
import {
  type Environment,
  environmentFor,
  runCommand,
  runProcess,
  secretsManager,
  standIn,
} from "./aws.ts";

const broken = "kaputt!";

const table = useTable();
let secrets: Awaited<ReturnType<typeof secretsManager>>;
let failing: Awaited<ReturnType<typeof standIn>>;
let answer: { readonly __type: string; readonly message?: string };
let environment: Environment;
let folder: string;

beforeAll(async () => {
  secrets = await secretsManager({ good: masterKey.toString("base64"), broken });
  failing = await standIn(() => answer);
  environment = await environmentFor(table, secrets.url);
  folder = await mkdtemp(join(tmpdir(), "postrider-cli-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  failing.close();
  secrets.close();
});

const acceptedBy = {
  "add-operator": addOperator.accepted,
  "add-sender": addSender.accepted,
  audit: audit.accepted,
  "rotate-secret": rotateSecretCommand.accepted,
  "revoke-key": revokeKeyCommand.accepted,
};
const args = (...more: readonly string[]) => [
  ...["--table", table.storage.table, "--secret", "good", "--sender", "shop", "--print"],
  ...more,
];
const without = (name: string): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([each]) => each !== name));

/** Runs it, and expects that it could not be done. What it says. */
const refused = async (given: readonly string[], where: Environment): Promise<string> => {
  const { code, out, err } = await runCommand("add-sender", given, where);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^Not done\. .+\n$/);
  expect(await table.scan()).toEqual([]);
  return err;
};

describe("Not done, and said why:", () => {
  test("there are no credentials", async () => {
    const err = await refused(args(), without("AWS_ACCESS_KEY_ID"));

    expect(err).toContain("No AWS credentials were found. Sign in");
  });

  test("there is no region", async () => {
    expect(await refused(args(), without("AWS_REGION"))).toContain("Pass --region us-east-1");
  });

  test("a region that is said takes the place of one that is missing", async () => {
    const { code, err } = await runCommand(
      "add-sender",
      ["--table", "none", "--secret", "none", "--sender", "shop", "--print", "--region=eu-west-1"],
      without("AWS_REGION"),
    );

    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("There is no secret") });
  });

  test("there is no such secret", async () => {
    const given = ["--table", table.storage.table, "--secret=none", "--sender=shop", "--print"];

    expect(await refused(given, environment)).toContain(
      "There is no secret none in this account and region.",
    );
  });

  test("the secret holds no key, of which nothing is shown", async () => {
    const given = ["--table", table.storage.table, "--secret=broken", "--sender=shop", "--print"];

    const err = await refused(given, environment);

    expect(err).toContain("The master keys in the secret broken cannot be used: key 1 is not");
    expect(err).not.toContain(broken);
  });

  test("there is no such table", async () => {
    const given = ["--table", "no-such-table", "--secret=good", "--sender=shop", "--print"];

    expect(await refused(given, environment)).toContain(
      "There is no table no-such-table in this account and region.",
    );
  });

  test.each([
    [
      "AccessDeniedException",
      "These credentials may not use the table …. AWS says: User: me is not authorized",
    ],
    ["ExpiredTokenException", "The AWS credentials have expired. Sign in again."],
    ["UnrecognizedClientException", "AWS does not accept the credentials"],
    ["ValidationException", "AWS says about the table …: User: me is not authorized"],
  ])("AWS refuses: %s", async (name, words) => {
    answer = { __type: name, message: "User: me is not authorized" };

    const err = await refused(args(), { ...environment, AWS_ENDPOINT_URL_DYNAMODB: failing.url });

    expect(err.replaceAll(table.storage.table, "…")).toContain(words);
  });

  test.each([
    ["GetItem", "Not done. AWS says about the table …"],
    ["PutItem", "It is not known whether this was done. AWS says about the table …"],
  ])("AWS fails at %s, which may change something or not", async (failed, words) => {
    const down = await standIn((operation) =>
      operation === failed ? { __type: "InternalServerError", message: "Internal" } : {},
    );

    const { code, out, err } = await runCommand("add-sender", args(), {
      ...environment,
      AWS_ENDPOINT_URL_DYNAMODB: down.url,
    });

    down.close();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err.replaceAll(table.storage.table, "…")).toContain(words);
  });

  test("AWS cannot be reached", async () => {
    const gone = await standIn(() => ({}));
    gone.close();

    const err = await refused(args(), { ...environment, AWS_ENDPOINT_URL_DYNAMODB: gone.url });

    expect(err).toContain("(ECONNREFUSED). Check the region and the network.");
  });

  test("a file that is not there", async () => {
    const file = join(folder, "none");

    expect(await refused(args("--signing-secret-file", file), environment)).toContain(
      `${file} cannot be read (ENOENT).`,
    );
  });

  test("a file that holds no signing secret, of which nothing is shown", async () => {
    const file = join(folder, "short");
    await writeFile(file, "whsec_c2hvcnQ=");

    const err = await refused(args("--signing-secret-file", file), environment);

    expect(err).toContain(`${file} does not hold a signing secret`);
    expect(err).not.toContain("c2hvcnQ");
  });
});

describe("Nothing is tried:", () => {
  test("every fault of the arguments is named", async () => {
    const { code, out, err } = await runCommand(
      "add-sender",
      ["--tabel=x", "--sender=a#b", "--scopes=all", "--expires=2020-01-01T00:00:00Z", "--print"],
      environment,
    );

    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n")).toEqual([
      "Nothing was done. The command has 6 faults:",
      "  --tabel: is not an option",
      "  --sender: must be 1 to 128 of A-Z a-z 0-9 _ . : -",
      "  --scopes: must be one or more of messages:write, messages:read",
      "  --expires: must be in the future",
      "  --table: is required, such as --table postrider-prod-Table…, or --local for the local edition",
      "  --secret: is required, such as --secret arn:aws:secretsmanager:…, or --local for the local edition",
      "Run npm run add-sender -- --help for the options.",
      "",
    ]);
  });

  test("what an argument brings moves no cursor", async () => {
    const { err } = await runCommand("revoke-key", ["--a\u009b2J"], environment);

    expect(err).toContain("  --a\\u009b2J: is not an option\n");
    expect(err).not.toMatch(/[\u0080-\u009f]/);
  });

  test("what an error of ours quotes moves no cursor", async () => {
    const { code, err } = await runProcess(
      "revoke-key",
      ["--table", "any", `--hash=${"a".repeat(43)}`],
      {
        ...environment,
        AWS_REGION: "eu\u009b2J",
      },
    );

    expect(code).toBe(1);
    expect(err).toContain("eu\\u009b2J");
    expect(err).not.toMatch(/[\u0080-\u009f]/);
  });

  test.each(["add-sender", "rotate-secret"] as const)(
    "%s does not write secrets into a pipe unless it is told to",
    async (name) => {
      const given = args().filter((word) => word !== "--print");

      const { code, out, err } = await runCommand(name, given, environment);

      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain("standard output is not a terminal");
      expect(await table.scan()).toEqual([]);
    },
  );

  test.each(["add-sender", "audit", "rotate-secret", "revoke-key"] as const)(
    "%s tells of each of its options when it is asked",
    async (name) => {
      const { code, out, err } = await runCommand(name, ["--help"], {});

      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain(`npm run ${name} -- `);
      const { options, flags } = acceptedBy[name];
      for (const option of [...options, ...flags]) expect(out).toMatch(`\n  --${option}`);
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    },
  );
});
