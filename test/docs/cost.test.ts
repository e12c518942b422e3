import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  additions,
  busyMetricsMonth,
  failedAttemptUnits,
  inBatches,
  messageCost,
  payloadReadUnits,
  payloadWriteUnits,
  provisioned,
  standing,
  sum,
  usual,
  writeUnits,
} from "../../docs/render/cost.ts";
import { dollars, tables } from "../../docs/render/cost-tables.ts";
import type { Message } from "../../domain/message.ts";
import { prices } from "../../domain/prices.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";
import { shardsOf } from "../../stacks/function-settings.ts";
import { prod } from "../stacks/resources.ts";
import { actorsOn } from "../support/actors.ts";
import { costOf } from "../support/cost.ts";
import { aMessage, aMessageId, hourMs, minuteMs, secondMs, t0 } from "../support/messages.ts";
import { type RawItem, useTable } from "../support/table.ts";

const table = useTable();

describe("The units that the page counts are those that the table is written with:", () => {
  const unitsOf = async (message: Message, act: () => Promise<unknown>): Promise<number> => {
    const before = await table.item(message);
    await act();
    const { item, indexes } = costOf(before, (await table.item(message)) ?? {});
    return item + indexes;
  };

  test("each step of a message that is tried twice and fails, or succeeds", async () => {
    const messages = messageStore(table.storage);
    const actors = actorsOn(messages);
    const measure = async (end: "complete" | "fail") => {
      const message = aMessage({ messageId: aMessageId() });
      const now = async () => (await messages.get(message, t0)) ?? message;
      const step = async (act: (seen: Message) => Promise<unknown>) => {
        const seen = await now();
        return unitsOf(message, () => act(seen));
      };
      return {
        submit: await step(() => messages.submit(message)),
        queued: await step((seen) => actors.enqueue(seen, t0)),
        claim: await step((seen) => actors.claim(seen, t0)),
        retry: await step((seen) =>
          messages.retry(seen, {
            now: t0,
            seen,
            owner: seen.owner,
            set: {
              notBefore: t0 + secondMs,
              dueAt: t0 + secondMs + minuteMs,
              lastOutcome: { attempt: 1, class: "server-error", status: 500, at: t0 },
            },
          }),
        ),
        again: await step((seen) => actors.claim(seen, t0 + secondMs)),
        [end]: await step((seen) => actors[end](seen, t0 + secondMs)),
      };
    };

    const { submit, queued, claim, retry, complete, fail } = writeUnits;
    const life = { submit, queued, claim, retry, again: claim };
    expect(await measure("complete")).toEqual({ ...life, complete });
    expect(await measure("fail")).toEqual({ ...life, fail });
  });

  test("being queued by the dispatcher", async () => {
    const messages = messageStore(table.storage);
    const message = aMessage({ messageId: aMessageId() });
    await messages.submit(message);

    const units = await unitsOf(message, () =>
      actorsOn(messages).enqueue(message, t0, t0 + hourMs),
    );

    expect(units).toBe(writeUnits.queuedByDispatcher);
  });

  test("a failed attempt's item, if little came back", async () => {
    const { senderId, messageId, submitId, ttl } = aMessage({ messageId: aMessageId() });
    const attempt = { senderId, messageId, submitId, ttl, number: 1, startedAt: t0 };

    await attemptStore(table.storage).record({
      ...attempt,
      ...{ durationMs: 212, class: "server-error", status: 500, responseText: "x".repeat(200) },
      timings: { dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 200 },
    });

    const item = (await table.scan()).find(
      (each) => each["messageId"] === messageId && each["number"] === 1,
    );
    expect(costOf(undefined, item as RawItem).item).toBe(writeUnits.attempt);
  });

  test.each([2000, 16_000, 256 * 1024])("a body of %i bytes", async (bytes) => {
    const message = aMessage({ messageId: aMessageId() });
    const body = new Uint8Array(bytes);

    await payloadStore(table.storage).put(message, { body });

    const item = (await table.scan()).find(
      (each) => each["messageId"] === message.messageId && each["fingerprint"] !== undefined,
    );
    expect(costOf(undefined, item as RawItem).item).toBe(payloadWriteUnits(bytes));
    expect(payloadReadUnits(bytes)).toBe(Math.ceil(payloadWriteUnits(bytes) / 4));
  });
});

describe("What a message costs", () => {
  test("is what its parts cost: by hand, with a function URL and small functions", () => {
    const small = { ...usual, endpoint: "function-url", apiMemoryMb: 256 } as const;

    const parts = messageCost({ ...small, logBytes: 0, sentBytes: 0 });

    // 7 writes, and a tenth for the counts; 1.2 requests of SQS, with the surcharge for groups; 256 MB for 15 ms; 512 MB for 300 ms a batch of ten.
    const byHand = 7.1 * 0.625 + 1.2 * 0.5 + (0.2 + 0.25 * 15e-3 * 13.3334) + (0.2 + 2.00001) / 10;
    expect(sum(parts) * 1e6).toBeCloseTo(byHand, 4);
  });

  test("is a dollar a million less without the HTTP API, and less by its log", () => {
    const withApi = sum(messageCost(usual));
    const without = sum(messageCost({ ...usual, endpoint: "function-url" }));

    const accessLog = (usual.accessLogBytes / 1e9) * prices.logGb;
    expect(withApi - without).toBeCloseTo(prices.httpApiRequest + accessLog, 12);
  });

  test("is at most $5.50 a million in batches of ten, and $3.50 with provisioned units", () => {
    expect(sum(messageCost(inBatches)) * 1e6).toBeLessThanOrEqual(5.5);
    expect(sum(messageCost(provisioned)) * 1e6).toBeLessThanOrEqual(3.5);
  });

  test("is by provisioned units what a unit costs for the part of an hour in which it is used", () => {
    const [onDemand] = messageCost(inBatches);
    const [writes] = messageCost({ ...inBatches, utilization: 1 });
    const [halfUsed] = messageCost({ ...inBatches, utilization: 0.5 });

    expect(onDemand?.dollars).toBeCloseTo(7 * 0.625e-6, 12);
    expect(writes?.dollars).toBeCloseTo((7 * 0.00065) / 3600, 12);
    expect(halfUsed?.dollars).toBeCloseTo(2 * ((7 * 0.00065) / 3600), 12);
  });

  test("is mostly the table's writes", () => {
    const [writes, ...rest] = messageCost(usual);

    expect(writes?.dollars).toBeGreaterThan(sum(rest));
  });
});

test("The shards and groups that are counted are those of prod", () => {
  expect(prod.dispatcher.groups).toBe(standing.groups);
  expect(shardsOf(prod.settings)).toBe(standing.shards);
  expect(prod.dispatcher.memoryMb).toBe(standing.dispatcherMemoryMb);
});

test("Ten failed attempts, five of them after a long wait, cost eight times as much as one that succeeds", () => {
  const [failed, far] = additions(usual);
  const one = sum(messageCost(usual));

  const end = (writeUnits.fail - writeUnits.complete) * prices.writeUnit;
  const all = one + end + 9 * (failed?.dollars ?? 0) + 5 * (far?.dollars ?? 0);
  expect(Math.round(all / one)).toBe(8);
});

test("A look costs a fifth of what the message does", () => {
  const look = additions(usual).find(({ what }) => what.startsWith("A look"));

  expect(Math.round(sum(messageCost(usual)) / (look?.dollars ?? 0))).toBe(5);
});

describe("The page on cost", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/guides/cost.md"), "utf8");
  const cellsOf = (line: string): readonly string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  // `route-cost.test.ts` counts what stands in the table of all requests.
  const priced = page.replace(/^\| Request .*?\n\n/ms, "");
  const lines = priced.split("\n").filter((line) => line.startsWith("|") && !line.includes("---"));

  // If this fails: npm run cost, and put its tables in the place of those on the page.
  test("has these tables, and no row besides", () => {
    const rows = tables().flatMap((one) => [one.head, ...one.rows]);

    expect(lines.map(cellsOf)).toEqual(rows);
  });

  test("names region and date of the prices, and figures that its text is right about", () => {
    expect(page).toContain(`${prices.region}, ${prices.asOf}`);
    expect(page).toContain(`${failedAttemptUnits} write units`);
    expect(page).toContain(`${dollars(busyMetricsMonth())} a month`);
    expect(page).toContain(`${usual.apiMemoryMb} MB for ${usual.apiMs} ms`);
    expect(page).toContain(`${usual.workerMemoryMb} MB for ${usual.workerMs} ms`);
    expect(page).toContain(`${inBatches.apiMs} ms for a batch`);
    expect(page).toContain(`${100 * (provisioned.utilization ?? 0)} % of the provisioned units`);
    for (const { logBytes, accessLogBytes } of [usual, inBatches])
      expect(page).toContain(`${logBytes} bytes of log and ${accessLogBytes} of access log`);
  });
});
