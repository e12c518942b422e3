/**
 * How many messages the dispatcher looks after: `npm run bench:dispatch`, with `-- --messages <n>` for
 * another number of them. The engines are embedded ones, which know no throttling and share the
 * machine: what can be compared with other machines is the ratio of a run to its writes alone, and
 * the time of a processor that a message takes.
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { systemClock } from "../adapters/clock.ts";
import { inTurn } from "../adapters/in-turn.ts";
import { print } from "../adapters/terminal.ts";
import type { Message } from "../domain/message.ts";
import { newMessage } from "../domain/submission.ts";
import { messageStore } from "../entities/message.ts";
import { type Deployment, openDeployment } from "./deployment.ts";
import type { Took, Work } from "./dispatch-run.ts";
import { median } from "./start-times.ts";

const shards = 8;
const rounds = 5;
const warmUpMessages = 1000;

let ids = 0;
const aMessageId = (): string => {
  ids += 1;
  return `message-${ids}`;
};

/** Stores messages that have been due for a while, without records, in all shards alike. */
const storeDue = async ({ storage }: Deployment, count: number): Promise<readonly Message[]> => {
  const messages = messageStore(storage);
  const take = inTurn(16);
  const now = systemClock();
  const policy = { scheduleMs: [5000], retentionDays: 30 };
  const submit = async (): Promise<Message> => {
    const timestamp = new Date(now).toISOString();
    const given = { senderId: "bench", messageId: aMessageId(), timestamp };
    const asked = { ...given, targetUrl: "https://example.com/hooks" };
    const message = newMessage(asked, policy, {
      ...{ now: now - 600_000, graceMs: 120_000, shards, submitId: "bench" },
      fingerprint: given.messageId,
    });
    await messages.submit(message);
    return message;
  };
  return Promise.all(Array.from({ length: count }, () => take(submit)));
};

const startRun = async (deployment: Deployment): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, "dispatch-run.ts"), {
    env: { ...deployment.environmentOf("dispatcher"), POSTRIDER_SHARDS: String(shards) },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return child;
};

const measure = async (child: ChildProcess, work: Work): Promise<Took> => {
  child.send(work);
  const [took] = (await once(child, "message")) as [Took];
  return took;
};

const recordsOn = async ({ sqs, queue }: Deployment): Promise<number> => {
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.queueUrl, AttributeNames }),
  );
  return Number(Attributes["ApproximateNumberOfMessages"]);
};

/** One round: so many messages by a run, and as many by its writes alone. */
const oneRound = async (deployment: Deployment, child: ChildProcess, count: number) => {
  const before = await recordsOn(deployment);
  await storeDue(deployment, count);
  const run = await measure(child, { kind: "dispatch" });
  const sent = (await recordsOn(deployment)) - before;
  if (sent !== count) throw new Error(`Of ${count} messages that were due, ${sent} were sent`);
  const messages = await storeDue(deployment, count);
  const writes = await measure(child, { kind: "writes", messages });
  return { run, writes };
};

const { values } = parseArgs({ options: { messages: { type: "string", default: "2000" } } });
const count = Number(values.messages);

const deployment = await openDeployment();
const child = await startRun(deployment);
await oneRound(deployment, child, warmUpMessages);
const measured: Awaited<ReturnType<typeof oneRound>>[] = [];
for (let round = 0; round < rounds; round += 1)
  measured.push(await oneRound(deployment, child, count));
child.kill();
await deployment.close();

const row = (what: string, took: readonly Took[]): string => {
  const perSecond = median(took.map(({ wallMs }) => (1000 * count) / wallMs));
  const processorMs = median(took.map((each) => each.processorMs / count));
  return `| ${what} | ${Math.round(perSecond).toLocaleString("en-US")} | ${processorMs.toFixed(2)} |\n`;
};
const ratio = median(measured.map(({ run, writes }) => writes.wallMs / run.wallMs));
print(
  [
    `Medians of ${rounds} rounds of ${count.toLocaleString("en-US")} messages in ${shards} shards\n\n`,
    "| What | Messages a second | Processor, ms a message |\n| --- | --- | --- |\n",
    row(
      "A run of the dispatcher",
      measured.map(({ run }) => run),
    ),
    row(
      "Its writes alone",
      measured.map(({ writes }) => writes),
    ),
    `\nA run is ${Math.round(100 * ratio)} % as fast as its writes alone.\n`,
  ].join(""),
);
