import { Command } from "commander";
import { certificateAt } from "../../adapters/certificate.ts";
import { secretBytes } from "../../adapters/chance.ts";
import { commandSetting } from "../../adapters/command-settings.ts";
import { formatSecret } from "../../domain/signature.ts";
import { getConsent, probesInWords } from "../check/consent.ts";
import { judgeReceiver } from "../check/judge.ts";
import { checkOptions, policyOf } from "../check/options.ts";
import type { ProbeFacts } from "../check/probe.ts";
import { runCheck } from "../check/run-check.ts";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import { showFindings } from "../finding-lines.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import { findSigning, type Signing, secretFlag } from "../signing-secret.ts";

const noSecret = new Failed({
  kind: "usage",
  what: "Nothing was sent. There is no signing secret to sign with.",
  next: "Set POSTRIDER_SIGNING_SECRET to the whsec_ secret that the receiver verifies with.",
});

const testBody = '{"type":"postrider.check","test":true}';

const isJsonText = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const factsOf = (
  io: Io,
  given: Pick<ProbeFacts, "url" | "senderId" | "headers">,
  body: string,
  { secrets: [secret = ""] }: Signing,
): ProbeFacts => ({
  ...given,
  ...{ secret, wrongSecret: formatSecret(secretBytes(32)), token: io.token() },
  ...{ body: Buffer.from(body), bodyType: isJsonText(body) ? "json" : "text" },
});

/** Loads the HTTP client of deliveries, which needs a later Node than all other commands. */
const httpClient = async () => {
  try {
    return await import("../../adapters/http.ts");
  } catch {
    throw new Failed({
      kind: "usage",
      what: "Nothing was sent. check needs Node 22.19 or later.",
      next: "Run it with Node 22.19 or later.",
    });
  }
};

const act = async (io: Io, command: Command): Promise<void> => {
  const asked = parseOptions(command, checkOptions);
  const { json: isJson, sender, ...common } = commonOf(command);
  const { url, body = testBody, allowPrivate, timeout, header: headers } = asked;
  const signing = await findSigning(io.environment, command, { ...common, secret: asked.secret });
  if (!signing) throw noSecret;
  const { guardedPost } = await httpClient();
  await getConsent(io, { url, body, from: signing.from, isAsked: asked.yes });

  const policy = policyOf(allowPrivate);
  const post = guardedPost({ policy, clock: io.now });
  const senderId = sender ?? commandSetting(io.environment, "commandSender") ?? "postrider-check";
  const facts = await runCheck(
    {
      post: async (request, deadlineMs) => {
        const exchange = await post(request, deadlineMs, io.interrupted);
        io.interrupted.throwIfAborted();
        return exchange;
      },
      certificateAt: (its, deadlineMs) => certificateAt({ policy }, its, deadlineMs),
      clock: io.now,
      onProbe: (name) => io.progress(`sending ${probesInWords[name]}`),
    },
    factsOf(io, { url, senderId, headers }, body, signing),
    timeout,
  );
  io.progress("");
  const { messageId, certificate, exchanges } = facts;
  showFindings(io, isJson, judgeReceiver(facts), {
    next: "Fix them from the top, and check again. docs/guides/receive.md says how to receive.",
    more: { url, messageId, certificate, exchanges },
  });
};

export const check = (io: Io): Command =>
  new Command("check")
    .summary("examine a receiver")
    .description(
      "Sends five test deliveries to a receiver and says in words whether it receives as it should: TLS, time, signatures, repeats. It says what it will send, and asks, before it sends anything.",
    )
    .argument("<url>", "the URL that messages would be sent to")
    .option(...secretFlag, (text: string, all: readonly string[] = []) => [...all, text])
    .option("--body <text>", "a body that the receiver knows, in place of a small JSON object")
    .option(
      "--header <line>",
      "a header such as 'authorization: Bearer …'; may be repeated",
      (line: string, all: readonly string[] = []) => [...all, line],
    )
    .option("--timeout <duration>", "how long one request may take (15s)")
    .option("--allow-private", "permit private and local addresses, and http to them")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(
        "postrider check https://api.example.com/hook",
        "postrider check http://127.0.0.1:4000/hook --allow-private",
        "postrider check https://api.example.com/hook --yes --json",
      ),
    )
    .action((_url: string, _options: object, command: Command) => act(io, command));
