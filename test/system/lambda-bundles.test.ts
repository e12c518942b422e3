/** What is deployed: how it comes about, and what is in it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { settings } from "../../adapters/settings.ts";
import { lifecycle } from "../../domain/lifecycle.ts";
import { type Bundle, bundle, sourcesAtStart } from "../../stacks/bundle.ts";
import { type BundleName, bundleNames } from "../../stacks/bundle-names.ts";

const folder = mkdtempSync(join(tmpdir(), "postrider-bundles-"));
let bundles: ReadonlyMap<BundleName, Bundle>;
beforeAll(async () => {
  const made = await bundle(join(folder, "first"));
  await bundle(join(folder, "again/elsewhere"));
  bundles = new Map(made.map((each) => [each.name, each]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bundleOf = (name: BundleName): Bundle => {
  const found = bundles.get(name);
  if (!found) throw new Error(`There is no bundle of ${name}`);
  return found;
};

/** The files with code that are deployed, in order. */
const modulesOf = (name: BundleName): readonly string[] =>
  readdirSync(join(folder, "first", name)).filter((file) => file.endsWith(".mjs"));

/** The packages that some of a bundle comes from, and our own folders. */
const partsOf = (name: BundleName): ReadonlySet<string> => {
  const outputs = Object.values(bundleOf(name).metafile.outputs);
  const files = outputs.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput ? [file] : [])),
  );
  return new Set(
    files.map((file) => {
      const [, own = file] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
      return own;
    }),
  );
};

describe.each(bundleNames)("The bundle of the %s", (name) => {
  test("has the same bytes when it is made again, elsewhere", () => {
    const again = join(folder, "again/elsewhere", name);

    const files = modulesOf(name);
    expect(readdirSync(again).filter((file) => file.endsWith(".mjs"))).toEqual(files);
    for (const file of files)
      expect(
        readFileSync(join(again, file)).equals(readFileSync(join(folder, "first", name, file))),
      ).toBe(true);
  });

  test("lies beside its source map and the notices of third parties, and names neither", () => {
    const all = readdirSync(join(folder, "first", name));

    expect(all).toContain("index.mjs");
    for (const file of modulesOf(name)) {
      const text = readFileSync(join(folder, "first", name, file), "utf8");
      expect(all).toContain(`${file}.map`);
      expect(text).not.toMatch(/sourceMappingURL|@licen[sc]e|LEGAL\.txt/);
    }
  });

  test("asks for nothing but what Node has, and can", () => {
    const { metafile, file } = bundleOf(name);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    const outside = imports.filter(({ external }) => external);

    expect(outside.filter(({ path }) => !isBuiltin(path))).toEqual([]);
    const isAsked = outside.some(({ kind }) => kind === "require-call");
    const text = readFileSync(file, "utf8");
    expect(text.startsWith('import { createRequire } from "node:module"')).toBe(isAsked);
  });

  test("has the size that it says", () => {
    const { bytes, laterBytes } = bundleOf(name);

    const sizes = modulesOf(name).map(
      (file) => readFileSync(join(folder, "first", name, file)).byteLength,
    );
    expect(bytes + laterBytes).toBe(sizes.reduce((total, size) => total + size));
    expect(laterBytes > 0).toBe(name !== "dead-letter");
  });
});

describe("In the bundles", () => {
  test("there is what a function needs, and not what others do", () => {
    expect([...partsOf("api")]).toEqual(expect.arrayContaining(["hono", "electrodb", "zod"]));
    expect([...partsOf("worker")]).toEqual(expect.arrayContaining(["undici", "electrodb"]));

    for (const stranger of ["hono", "handlers/api/app.ts"])
      expect(partsOf("worker")).not.toContain(stranger);
    for (const stranger of ["undici", "handlers/worker/worker.ts", "handlers/compose.ts"])
      expect(partsOf("api")).not.toContain(stranger);
    for (const stranger of ["hono", "undici", "@aws-sdk/client-secrets-manager", "lru-cache"])
      expect(partsOf("dispatcher")).not.toContain(stranger);
    for (const stranger of ["hono", "undici", "@aws-sdk/client-sqs", "handlers/api/app.ts"])
      expect(partsOf("senders")).not.toContain(stranger);
    for (const stranger of ["electrodb", "zod", "@aws-sdk/client-sqs", "@smithy/core"])
      expect(partsOf("dead-letter")).not.toContain(stranger);
  });

  test("the OpenAPI document is there as JSON, and what makes it is not", () => {
    expect(partsOf("api")).toContain("handlers/api/openapi.json");
    expect(partsOf("api")).not.toContain("zod-openapi");
    expect([...partsOf("api")].filter((part) => part.startsWith("docs/"))).toEqual([]);
  });

  test("credentials are those of the environment alone", () => {
    for (const name of ["api", "worker", "dispatcher", "senders"] as const) {
      expect(partsOf(name)).toContain("@aws-sdk/credential-provider-env");
      expect(partsOf(name)).not.toContain("@aws-sdk/credential-provider-sso");
    }
  });

  test("nothing checks the entities, which never change, at each start", () => {
    for (const name of bundleNames) expect(partsOf(name)).not.toContain("jsonschema");
  });

  test("the API starts without the dashboard, whose style and script lie beside it", () => {
    const { outputs } = bundleOf("api").metafile;
    const withPages = Object.values(outputs).filter(({ inputs }) => inputs["dashboard/app.ts"]);

    expect(withPages).toHaveLength(1);
    expect(withPages[0]?.entryPoint).toBe("dashboard/app.ts");
    expect(readdirSync(join(folder, "first/api/assets"))).toEqual(["script.js", "style.css"]);
  });

  test("what sends spans is in a file of its own, which only a collector has read", () => {
    for (const name of ["api", "worker"] as const) {
      const { outputs } = bundleOf(name).metafile;
      const withSpans = Object.values(outputs).filter(({ inputs }) =>
        Object.keys(inputs).some((file) => file.includes("node_modules/@opentelemetry/sdk-trace")),
      );

      expect(withSpans.map(({ entryPoint }) => entryPoint)).toEqual(["adapters/otlp-tracing.ts"]);
      expect(withSpans[0]?.bytes).toBeLessThan(50_000);
    }
    for (const name of ["dispatcher", "dead-letter"] as const)
      expect([...partsOf(name)].filter((part) => part.includes("opentelemetry"))).toEqual([]);
  });

  test("the API starts with the routes that submit and read a message, and with no others", () => {
    const routes = sourcesAtStart(bundleOf("api")).filter((file) =>
      /^handlers\/(api|jobs|steer|senders)\//.test(file),
    );

    expect(routes).toContain("handlers/api/frequent.ts");
    const others = /\/(app|messages|list|counts|failures|jobs|senders|steer|dashboard)\.ts$/;
    expect(routes.filter((file) => others.test(file))).toEqual([]);
  });

  test("of undici there is the agent, with one parser, and of ElectroDB the entities", () => {
    const inputs = ["api", "worker"] as const;
    const files = inputs.flatMap((name) =>
      Object.values(bundleOf(name).metafile.outputs).flatMap((output) =>
        Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) =>
          bytesInOutput > 100 ? [file] : [],
        ),
      ),
    );

    expect(files).toContain("node_modules/undici/lib/llhttp/llhttp_simd-wasm.js");
    const unneeded = /undici\/lib\/(web|mock|cache|milo|llhttp\/llhttp-)|electrodb\/src\/service/;
    expect(files.filter((file) => unneeded.test(file))).toEqual([]);
  });

  test("no function starts with ElectroDB, and the three that may need it have it", () => {
    const ofElectro = /^node_modules\/(electrodb|@aws-sdk\/lib-dynamodb)\//;
    for (const name of ["api", "worker", "dispatcher"] as const) {
      expect(sourcesAtStart(bundleOf(name)).filter((file) => ofElectro.test(file))).toEqual([]);
      expect(partsOf(name)).toContain("electrodb");
    }
  });

  test("of DynamoDB's client there are the commands that something makes", () => {
    const commands = sourcesAtStart(bundleOf("api"))
      .filter((file) => file.includes("client-dynamodb/dist-es/commands/"))
      .map((file) => /(\w+)Command\.js$/.exec(file)?.[1]);

    // The client asks for its endpoints by one itself.
    expect(commands.sort()).toEqual([
      ...["BatchGetItem", "DeleteItem", "DescribeEndpoints", "GetItem", "PutItem", "Query"],
      "UpdateItem",
    ]);
  });

  test("the entities make no command that is left out of ElectroDB", () => {
    const root = join(import.meta.dirname, "../../entities");
    const leftOut = /\.(scan|find|match|transaction)\b|\.(get|put|delete)\(\[|new Service/;
    const making = readdirSync(root).filter(
      // The audit and the tests use these two, and no function.
      (file) => file.endsWith(".ts") && !["stored.ts", "history.ts"].includes(file),
    );

    expect(making.filter((file) => leftOut.test(readFileSync(join(root, file), "utf8")))).toEqual(
      [],
    );
  });

  test("functions start with few bytes: the API with less than 460 KB", () => {
    expect(bundleOf("api").bytes).toBeLessThan(460_000);
    expect(bundleOf("api").laterBytes).toBeLessThan(560_000);
    expect(bundleOf("worker").bytes).toBeLessThan(610_000);
    expect(bundleOf("dispatcher").bytes).toBeLessThan(380_000);
    expect(bundleOf("senders").bytes).toBeLessThan(350_000);
    expect(bundleOf("dead-letter").bytes).toBeLessThan(12_000);
  });

  test("nothing is said that only the pages of the documentation show", () => {
    const about = settings.retentionDays.about;
    for (const name of bundleNames) {
      const text = modulesOf(name)
        .map((file) => readFileSync(join(folder, "first", name, file), "utf8"))
        .join();
      for (const words of [about, lifecycle.claim.why]) expect(text).not.toContain(words);
    }
  });

  test("nothing of the tests or the local edition is left", () => {
    for (const name of bundleNames)
      for (const part of partsOf(name)) expect(part).not.toMatch(/^(local|test|bench)\//);
  });
});
