import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");

/** Every file of the project, those included that are not yet committed. */
const files: readonly string[] = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard"],
  { cwd: root, encoding: "utf8" },
)
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
/** What is shipped or shown; tests and the scripts of continuous integration have rules of their own. */
const product = sources.filter((file) => !/^(test|\.ci)\//.test(file));
const pages = files.filter((file) => file.endsWith(".md"));

const folderOf = (file: string): string => (file.includes("/") ? (file.split("/")[0] ?? "") : "");

/** The modules a file imports: paths from the root for our own, names for all others. */
const importsOf = (file: string): readonly string[] => {
  const specifiers = [
    ...read(file).matchAll(/^(?:(?:import|export)\b[^;"']*?from |import )"([^"]+)"/gm),
    ...read(file).matchAll(/\bimport\("([^"]+)"\)/g),
  ];
  return specifiers.map(([, name = ""]) =>
    name.startsWith(".") ? normalize(join(dirname(file), name)) : name,
  );
};

/** Who may import whom, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  client: [],
  domain: [],
  entities: ["domain"],
  adapters: ["domain"],
  // Asks the HTTP interface in process, and so knows the client's types and not the handlers.
  dashboard: ["domain", "adapters", "client"],
  handlers: ["domain", "entities", "adapters", "dashboard"],
  local: ["domain", "entities", "adapters", "handlers"],
  // The members of a message are those of the client.
  outbox: ["domain", "entities", "adapters", "handlers", "client"],
  // The client's types and its verifier are what the tests of others see.
  testing: ["domain", "entities", "adapters", "handlers", "local", "client", "worker"],
  worker: ["domain", "entities", "adapters", "handlers"],
  package: ["adapters"],
  // The OpenAPI document is made from the schemas that the routes parse with.
  docs: ["domain", "entities", "adapters", "handlers", "cli"],
  cli: ["domain", "entities", "adapters", "handlers", "client"],
  stacks: ["domain", "entities", "adapters", "handlers"],
  proof: ["domain", "entities", "adapters", "handlers", "local", "outbox"],
  // The sums of the pages on cost and on operating.
  bench: ["domain", "entities", "adapters", "handlers", "local", "stacks", "docs"],
};

describe("Imports", () => {
  const own = product.filter((file) => folderOf(file) in mayImport);

  test.each(Object.entries(mayImport))("%s/ knows only what it may", (folder, others) => {
    const wrong = own
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => name.includes("/") && existsSync(join(root, name)))
      .filter(({ name }) => ![folder, ...others].includes(folderOf(name)));

    expect(wrong).toEqual([]);
  });

  test("stacks/ imports the description of the table, the settings, and what prints", () => {
    const shared = [
      ...["../entities/table.ts", "../adapters/terminal.ts"],
      ...["../adapters/read-settings.ts", "../adapters/in-words.ts"],
      // What a deployment would refuse only when it runs: settings that contradict each other, and ids.
      ...["../adapters/couplings.ts", "../domain/ids.ts"],
      // What a deployment would refuse of a sender, by the schemas of the HTTP interface.
      ...["../handlers/senders/members.ts", "../handlers/submission/members.ts"],
      ...["api-key", "deadline", "duration", "limits", "signing-secrets"].map(
        (name) => `../domain/${name}.ts`,
      ),
    ];
    const wrong = own
      .filter((file) => folderOf(file) === "stacks")
      .flatMap((file) =>
        [...read(file).matchAll(/^import (type )?[^;]*? from "(\.\.\/[^"]+)"/gm)].map(
          ([, type, name = ""]) => ({ file, name, isType: type !== undefined }),
        ),
      )
      .filter(({ name, isType }) =>
        isType
          ? !["../adapters/metrics.ts", "../adapters/settings.ts"].includes(name)
          : !shared.includes(name),
      );

    expect(wrong).toEqual([]);
  });

  test("outbox/ takes from handlers/ what a submit is, and no HTTP", () => {
    const shared = /^handlers\/(submission\/[\w-]+|put-on-queue|secret-headers|target-policy)\.ts$/;
    const from = (folder: string) =>
      own.filter((file) => file.startsWith(folder)).flatMap(importsOf);

    const taken = from("outbox/").filter((name) => name.startsWith("handlers/"));
    const beyond = from("handlers/submission/").filter((name) => name.startsWith("handlers/"));

    expect([...taken, ...beyond].filter((name) => !shared.test(name))).toEqual([]);
    expect(from("handlers/submission/").filter((name) => /hono/.test(name))).toEqual([]);
  });

  test("the package imports at run time only what it says that it depends on", () => {
    type Manifest = Readonly<Record<"dependencies" | "peerDependencies", object>>;
    const { dependencies, peerDependencies } = JSON.parse(read("package.json")) as Manifest;
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const packageOf = (name: string) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? "";
    const valuesOf = (file: string): readonly string[] =>
      [...read(file).matchAll(/^(?:import|export)(?! type)\b[^;"']*?from "([^"]+)"/gm)].map(
        ([, name = ""]) => (name.startsWith(".") ? normalize(join(dirname(file), name)) : name),
      );
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      if (sources.includes(name)) for (const each of valuesOf(name)) visit(each);
    };
    // Not `testing`: it is bundled, and its test says what it imports.
    for (const door of ["client", "domain", "entities", "outbox", "stacks", "worker"])
      visit(`${door}/index.ts`);

    const others = [...seen].filter((name) => !sources.includes(name) && !/^node:/.test(name));
    expect(others.filter((name) => !declared.includes(packageOf(name)))).toEqual([]);
    expect(others.length).toBeGreaterThan(3);
  });

  test("domain/ is pure: itself, ipaddr.js, and what Node computes with", () => {
    const pure = ["node:crypto", "node:zlib", "ipaddr.js"];

    const wrong = own
      .filter((file) => folderOf(file) === "domain")
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => !name.startsWith("domain/") && !pure.includes(name));

    expect(wrong).toEqual([]);
  });

  test("zod is imported as a namespace: by name it is five times as large in a bundle", () => {
    // What a benchmark compares with is not shipped.
    const wrong = product.filter(
      (file) => folderOf(file) !== "bench" && /import\s*\{[^}]*\}\s*from "zod"/.test(read(file)),
    );

    expect(wrong).toEqual([]);
  });

  test("every file is reached from something that runs", () => {
    const roots = [
      ...["local/main.ts", "local/audit.ts"],
      ...["client", "domain", "entities", "outbox", "testing", "worker"].map(
        (door) => `${door}/index.ts`,
      ),
      ...["build", "api-report", "check-release"].map((name) => `package/${name}.ts`),
      "stacks/index.ts",
      ...files.filter((file) =>
        /^handlers\/lambda\/(api|worker|dispatcher|dead-letter|senders)\.ts$/.test(file),
      ),
      ...[
        "stacks/app.ts",
        "stacks/bundle.ts",
        "docs/render/cost-tables.ts",
        "bench/main.ts",
        "bench/ric.ts",
        // Started as processes of their own.
        "bench/local-load.ts",
        "bench/flow-run.ts",
        "bench/growth-run.ts",
        "bench/slow-targets.ts",
      ],
      ...[
        "cli/add-operator.ts",
        "cli/add-sender.ts",
        "cli/audit.ts",
        "cli/main.ts",
        "cli/revoke-key.ts",
        "cli/rotate-secret.ts",
      ],
      // Started as processes of their own.
      ...["add-tenants", "receive", "without-workers"].map((name) => `proof/edition/${name}.ts`),
      ...files.filter((file) => /^proof\/\w+\/main\.ts$/.test(file)),
      ...["docs/generate.ts", "docs/screenshots/main.ts", "jest.config.ts", "jest.proof.config.ts"],
      ...files.filter((file) => /^examples\/.*\.ts$/.test(file)),
      // What jest.config.ts and the first of them name.
      ...["globals", "native-modules", "loopback-only"].map((name) => `test/support/${name}.ts`),
    ];
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const name of importsOf(file).filter((each) => sources.includes(each))) visit(name);
    };

    for (const file of roots) visit(file);

    expect(product.filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe("What the outside decides", () => {
  const banned = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\bprocess\.env\b/;

  test("is asked for in adapters/ only: time, chance and environment", () => {
    // The client runs at its user's, without our adapters.
    const exempt = ["client/outside.ts"];
    const wrong = product.filter(
      (file) =>
        folderOf(file) !== "adapters" &&
        folderOf(file) !== "" &&
        !exempt.includes(file) &&
        banned.test(read(file)),
    );

    expect(wrong).toEqual([]);
  });

  test("is not waited for in domain/, entities/ and handlers/: no timers", () => {
    const wrong = product.filter(
      (file) =>
        ["domain", "entities", "handlers"].includes(folderOf(file)) &&
        /\bset(Timeout|Interval|Immediate)\(|timers/.test(read(file)),
    );

    expect(wrong).toEqual([]);
  });
});

test("everything is printed by adapters/terminal.ts, which escapes it", () => {
  const prints = /\bconsole\.|\bstd(out|err)\.(write|end)\b/;

  expect(product.filter((file) => prints.test(read(file)))).toEqual(["adapters/terminal.ts"]);
});

describe("The lifecycle", () => {
  test("is where the state of a stored message changes: nothing else writes one", () => {
    const writers = product.filter((file) =>
      /\.(patch|upsert)\(|\b(Update|Put)ItemCommand\b/.test(read(file)),
    );

    // One hands commands on to the embedded engine; the next is a receiver, with a table of its own;
    // the others are what the handlers are compared with.
    const exempt = [
      ...["adapters/engine-direct.ts", "examples/receivers/node/dynamodb-once.ts"],
      ...["submit", "attempt-writes", "count"].map((name) => `bench/by-hand/${name}.ts`),
    ];
    const others = writers.filter((file) => folderOf(file) !== "entities");
    expect(others.filter((file) => !exempt.includes(file))).toEqual([]);
    expect(product.filter((file) => /set\(\{\s*status/.test(read(file)))).toEqual([]);
  });
});

describe("Tests", () => {
  const tests = files.filter((file) => file.endsWith(".test.ts") && !file.endsWith("tidy.test.ts"));

  test("all run: none is singled out or skipped", () => {
    const marks = /\b(test|describe|it)\.(only|skip|todo|failing)\b|\b[fx](it|describe|test)\(/;

    expect(tests.filter((file) => marks.test(read(file)))).toEqual([]);
  });

  test("do not sleep", () => {
    // Its subject is time itself: what is run takes some.
    const exempt = ["test/local/ticker.test.ts"];
    const wrong = tests.filter((file) => /timers\/promises|setTimeout\(resolve/.test(read(file)));

    expect(wrong.filter((file) => !exempt.includes(file))).toEqual([]);
  });
});

describe("Pages", () => {
  /** The anchor that GitHub gives a heading. */
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");

  test("link to files that are there", () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, link = ""]) => normalize(join(dirname(page), link)))
        .filter((link) => !existsSync(join(root, link)))
        .map((link) => `${page}: ${link}`),
    );

    expect(broken).toEqual([]);
  });

  test("link to headings that are there", () => {
    const anchorsOf = (page: string): readonly string[] =>
      [
        ...read(page)
          .replaceAll(/^```.*?^```/gms, "")
          .matchAll(/^#+ (.+)$/gm),
      ].map(([, heading = ""]) => anchorOf(heading));
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*\.md|)#([^)\s]+)\)/g)]
        .map(([, file = "", anchor = ""]) => ({
          ...{ to: file === "" ? page : normalize(join(dirname(page), file)), anchor },
        }))
        .filter(({ to, anchor }) => !anchorsOf(to).includes(anchor))
        .map(({ to, anchor }) => `${page}: ${to}#${anchor}`),
    );

    expect(broken).toEqual([]);
  });
});

describe("Committed files", () => {
  test("name no registry and no place on somebody's machine", () => {
    const lock = read("package-lock.json");

    expect(lock).not.toContain('"resolved": "http');
    expect(files.filter((file) => /\/(home|Users)\/\w+\//.test(read(file)))).toEqual([]);
  });
});
