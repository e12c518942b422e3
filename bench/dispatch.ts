/**
 * How many messages the dispatcher looks after: `npm run bench -- dispatch`. The engines are embedded
 * ones, which know no throttling and share the machine: what can be compared with other machines is
 * the ratio of a run to its writes alone, and the time of a processor that a message takes.
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { systemClock } from "../adapters/clock.ts";
import { inTurn } from "../adapters/in-turn.ts";
import type { Message } from "../domain/message.ts";
import { newMessage } from "../domain/submission.ts";
import { messageStore } from "../entities/message.ts";
import { type Deployment, openDeployment } from "./deployment.ts";
import type { Took, Work } from "./dispatch-run.ts";
import { median } from "./figures.ts";
import { countIn, type Measured, type Part } from "./part.ts";

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

type Round = Awaited<ReturnType<typeof oneRound>>;

const rowOf = (what: string, count: number, took: readonly Took[]): readonly string[] => {
  const perSecond = median(took.map(({ wallMs }) => (1000 * count) / wallMs));
  const processorMs = median(took.map((each) => each.processorMs / count));
  return [what, Math.round(perSecond).toLocaleString("en-US"), processorMs.toFixed(2)];
};

const measuredOf = (count: number, measured: readonly Round[]): Measured => {
  const ratio = median(measured.map(({ run, writes }) => writes.wallMs / run.wallMs));
  const runs = measured.map(({ run }) => run);
  const writes = measured.map((each) => each.writes);
  return {
    figures: { messages: count, shards, runs, writes, ratio },
    tables: [
      {
        title: `The dispatcher: ${rounds} rounds of ${count.toLocaleString("en-US")} messages in ${shards} shards`,
        head: ["", "messages a second", "processor, ms a message"],
        rows: [
          rowOf("A run of the dispatcher", count, runs),
          rowOf("Its writes alone", count, writes),
        ],
        note: `A run is ${Math.round(100 * ratio)} % as fast as its writes alone.`,
      },
    ],
  };
};

export const dispatch: Part = {
  about: "messages a second that the dispatcher looks after",
  options: { messages: { type: "string", fallback: "2000", about: "messages of a round" } },
  run: async (values, say) => {
    const count = countIn(values, "messages");
    const deployment = await openDeployment();
    const child = await startRun(deployment);
    try {
      say("warm-up");
      await oneRound(deployment, child, warmUpMessages);
      const measured: Round[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}`);
        measured.push(await oneRound(deployment, child, count));
      }
      return measuredOf(count, measured);
    } finally {
      child.kill();
      await deployment.close();
    }
  },
};
