/**
 * A delivery written out by hand, to compare the worker with: for each record of a batch a claim, a
 * signed request and the write that ends the attempt; then one write that counts the outcomes. What a
 * target refuses is not written here: the comparison is of deliveries that succeed.
 */

import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { systemChance } from "../../adapters/chance.ts";
import { systemClock } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import { requestOf } from "../../domain/request.ts";
import { claim, complete, type Holder, type Pointer } from "./attempt-writes.ts";
import { countByHand, type Delivered } from "./count.ts";
import { writeLine, writeMetrics } from "./lines.ts";

export type DeliverByHandDeps = Holder & {
  readonly post: Post;
  readonly timeoutMs: number;
  readonly shards: number;
  /** The signing secrets of the senders, as they are remembered between batches. */
  readonly secretsOf: ReadonlyMap<string, readonly string[]>;
};

const pointerOf = (text: string): Pointer => {
  const { v, senderId, messageId, attempt } = JSON.parse(text) as Record<string, unknown>;
  if (v !== 1 || typeof senderId !== "string" || typeof messageId !== "string")
    throw new Error("This is not a record");
  if (senderId === "" || messageId === "" || !Number.isInteger(attempt) || Number(attempt) < 1)
    throw new Error("This is not a record");
  return { senderId, messageId, attempt: Number(attempt) };
};

const deliver = async (deps: DeliverByHandDeps, text: string): Promise<Delivered | undefined> => {
  const startedAt = systemClock();
  const pointer = pointerOf(text);
  const owner = systemChance.token();
  const claimed = await claim(deps, pointer, owner);
  if (!claimed) return undefined;
  const { message, leaseUntil } = claimed;
  const secrets = deps.secretsOf.get(message.senderId) ?? [];
  const deadlineMs = Math.min(deps.timeoutMs, leaseUntil - systemClock() - deps.clockMarginMs);
  const exchange = await deps.post(requestOf(message, message, secrets, systemClock()), deadlineMs);
  if (exchange.kind !== "answered" || exchange.status >= 300)
    throw new Error("The comparison is of deliveries that succeed");
  const isMine = await complete(deps, pointer, exchange, owner);
  const now = systemClock();
  writeLine("byhand-worker", "attempt", {
    ...pointer,
    ...{
      class: "accepted",
      httpStatus: exchange.status,
      verdict: isMine ? "complete" : "overtaken",
    },
    ...{ exchangeMs: exchange.durationMs, targetHost: new URL(message.targetUrl).host },
    transitions: ["claim:QUEUED>PROCESSING", "complete:PROCESSING>COMPLETED"],
    durationMs: now - startedAt,
  });
  const { senderId, createdAt } = message;
  return isMine
    ? { senderId, deliveryMs: now - createdAt, exchangeMs: exchange.durationMs }
    : undefined;
};

/** Creates the function. */
export const deliverByHand =
  (deps: DeliverByHandDeps) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const made = await Promise.allSettled(Records.map(({ body }) => deliver(deps, body)));
    const delivered = made.flatMap((each) =>
      each.status === "fulfilled" && each.value ? [each.value] : [],
    );
    await countByHand(deps, delivered);
    const ExchangeDuration = delivered.map(({ exchangeMs }) => exchangeMs);
    const counts = { AttemptsSucceeded: delivered.length, MessagesCompleted: delivered.length };
    writeMetrics("byhand-worker", { ...counts, ExchangeDuration });
    return {
      batchItemFailures: made.flatMap(({ status }, index) =>
        status === "rejected" ? [{ itemIdentifier: Records[index]?.messageId ?? "" }] : [],
      ),
    };
  };
