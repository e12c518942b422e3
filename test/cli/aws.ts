import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { addOperator } from "../../cli/add-operator.ts";
import { addSender } from "../../cli/add-sender.ts";
import { audit } from "../../cli/audit.ts";
import { type Command, type Answer as CommandAnswer, exitCodeOf } from "../../cli/command.ts";
import type { Place } from "../../cli/outside.ts";
import { revokeKeyCommand } from "../../cli/revoke-key.ts";
import { rotateSecretCommand } from "../../cli/rotate-secret.ts";
import { compileCache } from "../support/compile-cache.ts";
import type { TestTable } from "../support/table.ts";

const root = join(import.meta.dirname, "../..");

/** What AWS answers: a document, or an error by its name. */
export type Answer = object | { readonly __type: string; readonly message?: string };

/** A service of AWS on loopback that speaks JSON, and answers every call as it is told. */
export const standIn = async (answer: (operation: string, input: never) => Answer) => {
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const body = answer(operation, JSON.parse(await text(request)) as never);
    response.writeHead("__type" in body ? 400 : 200, {
      "content-type": "application/x-amz-json-1.1",
    });
    response.end(JSON.stringify(body));
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await once(server.listen(0, "127.0.0.1").unref(), "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
};

/** Secrets Manager, as far as to read a secret. */
export const secretsManager = (secrets: Readonly<Record<string, string | undefined>>) =>
  standIn((_, { SecretId }: { readonly SecretId: string }) => {
    const SecretString = secrets[SecretId];
    return SecretString === undefined
      ? { __type: "ResourceNotFoundException", message: "Secrets Manager can't find it." }
      : { Name: SecretId, SecretString };
  });

export type Environment = Readonly<Record<string, string>>;

/** What leads a command to these places, all of them on this machine, with made-up credentials. */
export const environmentFor = async (
  table: TestTable,
  secretsUrl: string,
): Promise<Environment> => {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: await table.url(),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsUrl,
    AWS_ACCESS_KEY_ID: "made-up",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_REGION: "us-east-1",
    // Whatever else a machine knows of AWS is not for a test.
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
};

/** Runs a file of the checkout to its end, in a process of its own. */
export const runFile = async (
  file: string,
  args: readonly string[],
  environment: Environment,
  input = "",
) => {
  const child = spawn(join(root, "node_modules/.bin/node"), [file, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...compileCache, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, err };
};

const commands = {
  "add-operator": addOperator,
  "add-sender": addSender,
  audit,
  "rotate-secret": rotateSecretCommand,
  "revoke-key": revokeKeyCommand,
};
export type CommandName = keyof typeof commands;

/** Runs a command to its end as npm does: in a process of its own. */
export const runProcess = (
  name: CommandName,
  args: readonly string[],
  environment: Environment,
  input = "",
) => runFile(`cli/${name}.ts`, args, environment, input);

/** Gives a property of the process another value, and returns what puts the first one back. */
const replace = <Name extends keyof NodeJS.Process>(name: Name, value: unknown): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true, writable: true });
  return () => Object.defineProperty(process, name, before ?? {});
};
/** An output that is no terminal, and the text that was written to it. */
const output = () => {
  let written = "";
  const write = (chunk: string): boolean => {
    written += chunk;
    return true;
  };
  return { stream: { write }, text: () => written };
};

let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs a command of `cli/` to its end in this process, with the environment, input and outputs that
 * it has as one of its own: one after the other.
 */
export const runCommand = (
  name: CommandName,
  args: readonly string[],
  environment: Environment,
  input = "",
) => {
  const run = async () => {
    const [out, err] = [output(), output()];
    const restore = [
      replace("env", { PATH: process.env["PATH"], ...environment }),
      replace("stdin", Readable.from([Buffer.from(input)])),
      replace("stdout", out.stream),
      replace("stderr", err.stream),
    ];
    try {
      const called = { args, by: `npm run ${name} --` };
      const code = await exitCodeOf(
        commands[name] as unknown as Command<Place, string | CommandAnswer>,
        called,
      );
      return { code, out: out.text(), err: err.text() };
    } finally {
      for (const each of restore) each();
    }
  };
  const running = previous.then(run);
  previous = running.catch(() => {});
  return running;
};

/** What is shown after a name in the answer of a command. */
export const shown = (out: string, name: string): string =>
  new RegExp(`^ {2}${name} {2,}(.+)$`, "m").exec(out)?.[1] ?? "";
