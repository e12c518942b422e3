import { describe, expect, test } from "@jest/globals";
import type { ConfigurationError } from "../../adapters/environment.ts";
import { readSettings, settingWarnings } from "../../adapters/read-settings.ts";
import { defaultScheduleMs } from "../support/messages.ts";

const local = (environment: Readonly<Record<string, string>> = {}) =>
  readSettings("local", environment);

const faultsOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  try {
    local(environment);
    return [];
  } catch (error) {
    return (error as ConfigurationError).faults;
  }
};

describe("Settings", () => {
  test("settings that are not given have the values of the design", () => {
    const settings = local();

    expect(settings).toMatchObject({
      ...{ port: 8787, dataDir: ".postrider" },
      ...{ leaseMs: 65_000, clockMarginMs: 0, graceMs: 60_000, timeoutMs: 15_000 },
      ...{ retentionDays: 30, listAll: true },
    });
    expect(local({ POSTRIDER_LIST_ALL: "false" }).listAll).toBe(false);
    expect(settings.scheduleMs).toEqual(defaultScheduleMs);
  });

  test("empty settings count as not set", () => {
    expect(local({ PORT: "", POSTRIDER_RETRY_SCHEDULE: "" })).toEqual(local());
  });

  test("are read in the units that their names carry", () => {
    const settings = local({ PORT: "0", POSTRIDER_RETRY_SCHEDULE: "250ms, 5s,2m,1h" });

    expect(settings.port).toBe(0);
    expect(settings.scheduleMs).toEqual([250, 5000, 120_000, 3_600_000]);
  });

  test.each([
    [{ PORT: "65536" }, "PORT"],
    [{ PORT: "-1" }, "PORT"],
    [{ PORT: "8787x" }, "PORT"],
    [{ POSTRIDER_LEASE_MS: "99" }, "POSTRIDER_LEASE_MS"],
    [{ POSTRIDER_TIMEOUT_MS: "30001" }, "POSTRIDER_TIMEOUT_MS"],
    [{ POSTRIDER_RETRY_SCHEDULE: "5s,,2m" }, "POSTRIDER_RETRY_SCHEDULE"],
    [{ POSTRIDER_RETRY_SCHEDULE: "25h" }, "POSTRIDER_RETRY_SCHEDULE"],
    [{ POSTRIDER_ALLOW_TARGETS: "10.0.0.1" }, "POSTRIDER_ALLOW_TARGETS"],
    [{ POSTRIDER_ALLOW_HTTP: "yes" }, "POSTRIDER_ALLOW_HTTP"],
    [{ POSTRIDER_LOG: "loud" }, "POSTRIDER_LOG"],
    [{ POSTRIDER_SHARDS: "0" }, "POSTRIDER_SHARDS"],
    [{ POSTRIDER_LIST_ALL: "no" }, "POSTRIDER_LIST_ALL"],
  ])("with a fault are refused by name: %j", (environment, name) => {
    expect(faultsOf(environment)).toEqual([expect.stringMatching(`^${name}: `)]);
  });

  test.each(["-1", "0", "257", "8.5", "many", "9".repeat(13)])(
    "the fault of a number names its range: %s",
    (text) => {
      expect(faultsOf({ POSTRIDER_SHARDS: text })).toEqual([
        "POSTRIDER_SHARDS: must be a whole number from 1 to 256",
      ]);
    },
  );

  test("name every fault of every variable at once", () => {
    const faults = faultsOf({
      PORT: "x",
      POSTRIDER_RETRY_SCHEDULE: "soon,later",
      POSTRIDER_LOG: "",
    });

    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      ...["POSTRIDER_RETRY_SCHEDULE", "POSTRIDER_RETRY_SCHEDULE", "PORT"],
    ]);
  });
});

describe("Targets", () => {
  const cidrs = (text: string) => local({ POSTRIDER_ALLOW_TARGETS: text }).allowTargets.length;

  test("may be allowed by ranges, or not at all", () => {
    expect([cidrs("10.0.0.0/8, fd00::/8"), cidrs("none")]).toEqual([2, 0]);
  });

  test.each([
    ["true", "always"],
    ["false", "never"],
    ["allowed-ranges", "allowed-ranges"],
  ])("are reached by plain http if POSTRIDER_ALLOW_HTTP is %s: %s", (text, http) => {
    expect(local({ POSTRIDER_ALLOW_HTTP: text }).allowHttp).toBe(http);
  });

  test("targets on one machine include loopback, also by plain http", () => {
    expect(local().allowHttp).toBe("allowed-ranges");
    expect(local().allowTargets).toHaveLength(2);
  });
});

describe("Master keys", () => {
  const key = (letter: string): string => Buffer.alloc(32, letter).toString("base64");

  test("are read in the order in which they are given", () => {
    const keys = [Buffer.alloc(32, "b"), Buffer.alloc(32, "a")];

    expect(local({ POSTRIDER_MASTER_KEY: `${key("b")}, ${key("a")}` })).toMatchObject({
      masterKeys: keys,
    });
  });

  test.each([["file"], [""]])("are kept by the local edition if it is given %j", (text) => {
    expect(local({ POSTRIDER_MASTER_KEY: text }).masterKeys).toBeUndefined();
  });

  test.each([
    ["too short", Buffer.alloc(31, "canary").toString("base64")],
    ["all zero", Buffer.alloc(32).toString("base64")],
    ["no base64", "canary-canary-canary-canary-canary-canary-ca"],
    ["none", " "],
  ])("with a fault are refused by their place, and never shown: %s", (_, text) => {
    const faults = faultsOf({ POSTRIDER_MASTER_KEY: `${key("a")},${text}` });

    expect(faults).toEqual([
      "POSTRIDER_MASTER_KEY: key 2 is not 32 bytes, in base64 or hexadecimal, that are not all zero",
    ]);
  });
});

describe("Tracing", () => {
  const endpointOf = (text: string) => local({ OTEL_EXPORTER_OTLP_ENDPOINT: text }).tracingEndpoint;

  test("is off by default, and where the endpoint is none", () => {
    expect(local().tracingEndpoint).toBeUndefined();
    expect(endpointOf("none")).toBeUndefined();
    expect(local()).toMatchObject({ tracingSampleRatio: 1, tracingServiceName: "postrider" });
  });

  test.each([
    "https://collector.example.com",
    "https://collector.example.com:4318/otlp",
    "http://localhost:4318",
    "http://127.0.0.1:4318",
    "http://[::1]:4318",
  ])("sends spans to %s", (text) => {
    expect(endpointOf(text)).toBe(text);
  });

  test.each([
    ["http://collector.example.com:4318", "must be https, or http to this machine"],
    ["http://127.0.0.1.example.com:4318", "must be https, or http to this machine"],
    ["http://localhost.example.com", "must be https, or http to this machine"],
    ["http://169.254.100.1:2000", "must be https, or http to this machine"],
    ["grpc://localhost:4317", "must be a URL such as"],
    ["localhost:4318", "must be a URL such as"],
    ["https://user:key@collector.example.com", "must not contain credentials"],
    ["https://collector.example.com?key=1", "must not have a query"],
    ["https://collector.example.com#1", "must not have a query"],
    ["https://collector.example.com/v1/traces", "must be without /v1/traces"],
  ])("is not sent to %s: it %s", (text, fault) => {
    expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: text })).toEqual([
      expect.stringMatching(`^OTEL_EXPORTER_OTLP_ENDPOINT: ${fault}`),
    ]);
  });

  test.each(["0", "0.25", "1", "1e-7"])("samples a part of %s", (text) => {
    expect(local({ OTEL_TRACES_SAMPLER_ARG: text }).tracingSampleRatio).toBe(Number(text));
  });

  test.each(["1.1", "-1", "half", "2"])("samples no part of %s", (text) => {
    expect(faultsOf({ OTEL_TRACES_SAMPLER_ARG: text })).toEqual([
      "OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1",
    ]);
  });

  test("describes the service by pairs", () => {
    const text = "deployment.environment.name=prod,team=shop%20one";

    expect(local({ OTEL_RESOURCE_ATTRIBUTES: text }).tracingResource).toBe(text);
    expect(faultsOf({ OTEL_RESOURCE_ATTRIBUTES: "prod" })).toHaveLength(1);
  });
});

describe("Odd settings", () => {
  const odd = (environment: Readonly<Record<string, string>>) =>
    settingWarnings(local(environment), environment);

  test("are none by default", () => {
    expect(odd({})).toEqual([]);
    expect(odd({ UV_THREADPOOL_SIZE: "256" })).toEqual([]);
    expect(odd({ UV_THREADPOOL_SIZE: "" })).toEqual([]);
  });

  test.each([
    ["a name that is no setting", { POSTRIDER_LAESE_MS: "1" }, "POSTRIDER_LAESE_MS"],
    ["fewer threads than look-ups need", { UV_THREADPOOL_SIZE: "255" }, "UV_THREADPOOL_SIZE"],
    ["threads that are no number", { UV_THREADPOOL_SIZE: "many" }, "UV_THREADPOOL_SIZE"],
    ["a grace longer than the lease", { POSTRIDER_GRACE_MS: "65001" }, "POSTRIDER_GRACE_MS"],
    [
      "a lease shorter than an exchange",
      { POSTRIDER_LEASE_MS: "14999", POSTRIDER_GRACE_MS: "14999" },
      "POSTRIDER_LEASE_MS less",
    ],
  ])("are told and do no harm: %s", (_, environment, name) => {
    expect(odd(environment)).toEqual([expect.stringContaining(name)]);
  });
});
