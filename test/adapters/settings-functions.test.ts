/** What the functions on AWS are told: each what it needs, and nothing else. */
import { describe, expect, test } from "@jest/globals";
import { unknownVariables } from "../../adapters/environment.ts";
import { metricsNamespaceIn } from "../../adapters/metrics-namespace.ts";
import {
  type EnvironmentOf,
  type FunctionName,
  readSettings,
  settingsReadBy,
  variablesReadBy,
} from "../../adapters/read-settings.ts";

const stored = { POSTRIDER_TABLE: "postrider", POSTRIDER_QUEUE_URL: "https://sqs.example.com/q" };
const sealed = { POSTRIDER_MASTER_KEY_SECRET: "arn:aws:secretsmanager:eu-west-1:1:secret:keys" };

/** As little as each of them can do with. */
const least = {
  api: { ...stored, ...sealed },
  worker: {
    ...{ ...stored, ...sealed },
    ...{ POSTRIDER_FUNCTION_TIMEOUT_MS: "60000", POSTRIDER_VISIBILITY_MS: "360000" },
    UV_THREADPOOL_SIZE: "256",
  },
  dispatcher: stored,
  deadLetter: {},
  senders: { POSTRIDER_TABLE: "postrider", ...sealed },
} satisfies { readonly [Name in FunctionName | "senders"]: EnvironmentOf<Name> };

const names = Object.keys(least) as (keyof typeof least)[];
/** The function that creates senders publishes no metrics. */
const functions = names.filter((name) => name !== "senders");
const read = (name: keyof typeof least, environment: Readonly<Record<string, string>>) =>
  readSettings(name, environment);

describe("A function's environment", () => {
  test.each(names.flatMap((name) => Object.keys(least[name]).map((variable) => [name, variable])))(
    "the environment of the %s needs %s",
    (name, variable) => {
      const { [variable]: _, ...rest } = least[name as keyof typeof least] as Record<
        string,
        string
      >;

      expect(() => read(name as keyof typeof least, rest)).toThrow(
        new RegExp(`has 1 fault:\n${variable}: `),
      );
    },
  );

  test.each(names)("the environment of the %s needs nothing more", (name) => {
    expect(Object.keys(read(name, least[name]))).toEqual(
      settingsReadBy(name).map(([each]) => each),
    );
  });

  test("does not compile without what is needed, or with what is not known", () => {
    // @ts-expect-error: the table is forgotten.
    const forgotten: EnvironmentOf<"api"> = { ...sealed, POSTRIDER_QUEUE_URL: "q" };
    const misspelt: EnvironmentOf<"api"> = {
      ...least.api,
      // @ts-expect-error: there is no such variable.
      POSTRIDER_SHARD: "8",
    };
    const another: EnvironmentOf<"dispatcher"> = {
      ...least.dispatcher,
      // @ts-expect-error: only the worker leases.
      POSTRIDER_LEASE_MS: "65000",
    };
    const whole: EnvironmentOf<"worker"> = { ...least.worker, POSTRIDER_GRACE_MS: "1" };

    expect([forgotten, misspelt, another, whole]).toHaveLength(4);
  });

  test("holds no master key", () => {
    const variables = names.flatMap(variablesReadBy);

    expect(variables).not.toContain("POSTRIDER_MASTER_KEY");
  });

  test.each([
    ["worker", "POSTRIDER_FUNCTION_TIMEOUT_MS", "900001"],
    ["worker", "POSTRIDER_FUNCTION_TIMEOUT_MS", "5999"],
    ["worker", "POSTRIDER_VISIBILITY_MS", "43200001"],
    ["worker", "UV_THREADPOOL_SIZE", "255"],
    ["api", "POSTRIDER_QUEUE_URL", "postrider"],
  ] as const)("of the %s is refused if it has %s=%s", (name, variable, text) => {
    expect(() => read(name, { ...least[name], [variable]: text })).toThrow(`${variable}: `);
  });

  test("may hold what is no setting of this function, and that is told", () => {
    const environment = { ...least.dispatcher, POSTRIDER_LEASE_MS: "1", HOME: "/" };

    expect(unknownVariables(variablesReadBy("dispatcher"), environment)).toEqual([
      "POSTRIDER_LEASE_MS is not a setting and changes nothing.",
    ]);
  });
});

describe("A misspelt variable", () => {
  test("is named with the one that is missing", () => {
    const { POSTRIDER_TABLE: table, ...rest } = least.api;

    expect(() => read("api", { ...rest, POSTRIDER_TABEL: table })).toThrow(
      [
        "The configuration has 1 fault:",
        "POSTRIDER_TABLE: is required",
        "POSTRIDER_TABEL is not a setting and changes nothing.",
      ].join("\n"),
    );
  });

  test("is named by the function for dead letters too, which reads its setting by itself", () => {
    const given = { POSTRIDER_METRICS_NAMESPACE: ":", POSTRIDER_METRICS_NAMESPCE: "Mine" };

    expect(() => metricsNamespaceIn(given)).toThrow(
      /^The configuration has 1 fault:\nPOSTRIDER_METRICS_NAMESPACE: .*\nPOSTRIDER_METRICS_NAMESPCE is not a setting and changes nothing\.$/,
    );
  });
});

describe("The namespace of metrics", () => {
  const variable = "POSTRIDER_METRICS_NAMESPACE";
  /** What each function reads, and what the one for dead letters does, which reads it by itself. */
  const readings = (given: Readonly<Record<string, string>>) => [
    ...functions.map((name) => () => read(name, { ...least[name], ...given }).metricsNamespace),
    () => metricsNamespaceIn(given),
  ];

  test.each([
    ["not set", {}],
    ["set to nothing", { [variable]: "" }],
  ])("is Postrider where it is %s", (_, given) => {
    for (const reading of readings(given)) expect(reading()).toBe("Postrider");
  });

  test.each(["Postrider/dev", "9", "My own: #1_a-b.c", " x", "/".repeat(255)])(
    "may be what CloudWatch takes: %j",
    (text) => {
      for (const reading of readings({ [variable]: text })) expect(reading()).toBe(text);
    },
  );

  test.each([":dev", " ", "dev*", "Zoë", "a\tb", "dev\n", "a".repeat(256)])(
    "is refused if it is none, by all of them alike: %j",
    (text) => {
      for (const reading of readings({ [variable]: text }))
        expect(reading).toThrow(
          expect.objectContaining({
            name: "ConfigurationError",
            faults: [expect.stringMatching(/^POSTRIDER_METRICS_NAMESPACE: must be up to 255 of /)],
          }),
        );
    },
  );
});

describe("Settings that are not given, on AWS", () => {
  const worker = readSettings("worker", least.worker);
  const api = readSettings("api", least.api);
  const dispatcher = readSettings("dispatcher", least.dispatcher);

  test("have the values of the design", () => {
    expect(worker).toMatchObject({
      ...{ timeoutMs: 15_000, leaseMs: 65_000, clockMarginMs: 5000, graceMs: 60_000 },
    });
    expect(api).toMatchObject({ retentionDays: 30, shards: 8 });
  });

  test("are the same for every function that has them", () => {
    for (const each of [api, worker, dispatcher])
      expect({ ...api, ...worker, ...dispatcher }).toMatchObject(each);
  });

  test("permit no private address and no plain http", () => {
    for (const { allowTargets, allowHttp } of [api, worker])
      expect({ allowTargets, allowHttp }).toEqual({ allowTargets: [], allowHttp: "never" });
  });
});
