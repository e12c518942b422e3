import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

type Asked = {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly VersionStages?: readonly string[];
  readonly VersionStage?: string;
  readonly MoveToVersionId?: string;
  readonly RemoveFromVersionId?: string;
};
type Answer = { readonly status: number; readonly body: object };
type Secret = { readonly versions: Map<string, string>; readonly stages: Map<string, string> };

const refused = (type: string): Answer => ({ status: 400, body: { __type: type } });
const given = (body: object): Answer => ({ status: 200, body });

/** The three operations by which a secret is rotated, as the API reference of Secrets Manager has them. */
const operations = {
  GetSecretValue: ({ versions, stages }: Secret, { VersionId }: Asked): Answer => {
    const id = VersionId ?? stages.get("AWSCURRENT") ?? "";
    const SecretString = versions.get(id);
    return SecretString === undefined
      ? refused("ResourceNotFoundException")
      : given({ VersionId: id, SecretString });
  },
  PutSecretValue: ({ versions, stages }: Secret, asked: Asked): Answer => {
    const { ClientRequestToken = "", SecretString = "", VersionStages = ["AWSCURRENT"] } = asked;
    const before = versions.get(ClientRequestToken);
    // A version never changes, and the same again is ignored.
    if (before !== undefined)
      return before === SecretString ? given({}) : refused("ResourceExistsException");
    versions.set(ClientRequestToken, SecretString);
    for (const stage of VersionStages) stages.set(stage, ClientRequestToken);
    return given({ VersionId: ClientRequestToken });
  },
  UpdateSecretVersionStage: ({ versions, stages }: Secret, asked: Asked): Answer => {
    const { VersionStage = "", MoveToVersionId = "", RemoveFromVersionId } = asked;
    const holder = stages.get(VersionStage);
    if (!versions.has(MoveToVersionId)) return refused("ResourceNotFoundException");
    // A label that another version has is moved only from there, by its name.
    if (holder !== RemoveFromVersionId) return refused("InvalidParameterException");
    stages.set(VersionStage, MoveToVersionId);
    if (VersionStage === "AWSCURRENT" && holder) stages.set("AWSPREVIOUS", holder);
    return given({});
  },
};

/** Secrets Manager with versions and labels, on loopback. A secret begins with a text that was generated. */
export const openSecretsManager = async () => {
  const secrets = new Map<string, Secret>();
  const asked: string[] = [];
  let around = async (answer: () => Answer): Promise<Answer> => answer();
  const server = createServer(async (request, response) => {
    const input = JSON.parse(await text(request)) as Asked;
    const name = `${request.headers["x-amz-target"]}`.replace("secretsmanager.", "");
    asked.push(name);
    const operation = operations[name as keyof typeof operations];
    const secret = secrets.get(input.SecretId);
    try {
      const { status, body } = await around(() =>
        name in operations && secret
          ? operation(secret, input)
          : refused("ResourceNotFoundException"),
      );
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.writeHead(status).end(JSON.stringify(body));
    } catch {
      request.socket.destroy();
    }
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await once(server.listen(0, "127.0.0.1").unref(), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    /** Makes a secret, as CloudFormation does. */
    make: (id: string) => {
      const versions = new Map([["generated", "not a key"]]);
      secrets.set(id, { versions, stages: new Map([["AWSCURRENT", "generated"]]) });
    },
    remove: (id: string) => secrets.delete(id),
    /** What a reader gets, or the version with a label. */
    textOf: (id: string, stage = "AWSCURRENT") => {
      const { versions, stages } = secrets.get(id) ?? {};
      return versions?.get(stages?.get(stage) ?? "");
    },
    /** Runs around each request. What it throws breaks the connection. */
    around: (run: typeof around) => {
      around = run;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
