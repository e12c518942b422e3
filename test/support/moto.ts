import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe } from "@jest/globals";
import type { Json, Template } from "../stacks/resources.ts";
import { programNamed } from "./program.ts";

const program = programNamed("moto_server", "POSTRIDER_MOTO");

/**
 * Names tests that need moto, which emulates AWS, a program in Python. Where there is none they are left
 * out, which is told. `.ci/run` installs it.
 */
export const describeWithMoto = (name: string, tests: () => void): void => {
  if (program) {
    describe(name, tests);
    return;
  }
  const told = "left out: there is no moto_server. Install it, or name it in POSTRIDER_MOTO.";
  process.stderr.write(`${name}: ${told}\n`);
  describe.skip(name, tests);
};

const region = "us-east-1";
export const motoClient = (endpoint: string) => ({
  ...{ endpoint, region, credentials: { accessKeyId: "local", secretAccessKey: "local" } },
});

const listening = (server: ChildProcess, said: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    server.stderr?.on("data", () => {
      const [, endpoint] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said.join("")) ?? [];
      if (endpoint) resolve(endpoint);
    });
    server.once("exit", () => reject(new Error(`moto did not start: ${said.join("")}`)));
  });

/** Starts moto on loopback. A call is a request of one of its services, as AWS has them. */
export const startMoto = async () => {
  const server = spawn(program ?? "", ["-H", "127.0.0.1", "-p", "0"]);
  const said: string[] = [];
  server.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const endpoint = await listening(server, said);
  // It asks for no signature, but reads from it which service is meant.
  const authorization = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;
  const call = async (service: string, path: string, init: RequestInit = {}): Promise<string> => {
    const headers = { authorization: authorization(service), ...init.headers };
    const response = await fetch(`${endpoint}${path}`, { ...init, headers });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${service} ${path}: ${response.status} ${said.join("").slice(-1500)}`);
    return text;
  };
  /** An operation of a service whose requests are forms and whose answers are XML. */
  const query = (service: string, Action: string, more: Record<string, string> = {}) =>
    call(service, "/", { method: "POST", body: new URLSearchParams({ Action, ...more }) });
  const stop = async (): Promise<void> => {
    const exited = once(server, "exit");
    server.kill();
    await exited;
  };
  return { endpoint, call, query, stop };
};
export type Moto = Awaited<ReturnType<typeof startMoto>>;

/** What moto's CloudFormation can make of what the templates have. */
const known = new Set(
  [
    ...["CloudWatch::Dashboard", "DynamoDB::Table", "IAM::Role", "KMS::Key", "Lambda::Function"],
    ...["Lambda::EventSourceMapping", "Lambda::Permission", "Logs::LogGroup", "SNS::Topic"],
    "SQS::Queue",
  ].map((type) => `AWS::${type}`),
);

/** A resource as moto can make it: a table of one region as that type has it, no tags of a key. */
const asKnown = (resource: Json): Json => {
  if (resource.Type === "AWS::KMS::Key") {
    const { Tags: _, ...properties } = resource.Properties;
    return { ...resource, Properties: properties };
  }
  if (resource.Type !== "AWS::DynamoDB::GlobalTable") return resource;
  const { Replicas, ...properties } = resource.Properties;
  const { PointInTimeRecoverySpecification, DeletionProtectionEnabled } = Replicas[0];
  return {
    Type: "AWS::DynamoDB::Table",
    Properties: { ...properties, PointInTimeRecoverySpecification, DeletionProtectionEnabled },
  };
};

/** A value in which what refers to a resource that is left out is a text. */
const without = (left: ReadonlySet<string>, value: Json): Json => {
  if (Array.isArray(value)) return value.map((each) => without(left, each));
  if (typeof value !== "object" || value === null) return value;
  const named = value.Ref ?? value["Fn::GetAtt"]?.[0];
  if (left.has(named)) return `left-out-${named}`;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, without(left, each)]),
  );
};

/** Returns as much of a template as moto can make, and the types of resources that are left out. */
export const emulable = ({ Resources }: Template) => {
  const all = Object.entries(Resources).map(([id, resource]) => [id, asKnown(resource)] as const);
  const isLeft = ([, { Type }]: readonly [string, Json]): boolean => !known.has(Type);
  const left = new Set(all.filter(isLeft).map(([id]) => id));
  const kept = all
    .filter((each) => !isLeft(each))
    .map(([id, { DependsOn = [], ...resource }]) => {
      const needed = [DependsOn].flat().filter((each: string) => !left.has(each));
      return [id, { ...without(left, resource), DependsOn: needed }];
    });
  const types = new Set(all.filter(isLeft).map(([, { Type }]) => Type as string));
  return { template: { Resources: Object.fromEntries(kept) }, leftOut: [...types].toSorted() };
};
