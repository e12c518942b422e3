/** What the guide on the outbox says that a submit costs in write units, counted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import type { OutboxMessage } from "../../outbox/index.ts";
import { costOf } from "../support/cost.ts";
import { commit, outboxOf } from "../support/outbox.ts";
import { aRequest, useService } from "../support/service.ts";

const service = useService();
const page = readFileSync(join(import.meta.dirname, "../../docs/guides/outbox.md"), "utf8");

/** A put of a transaction is written twice, for its prepare and its commit; an index entry once. */
const timesWritten = { http: 1, outbox: 2 } as const;

/** The write units of the items of a message. */
const unitsOf = async (messageId: string, way: keyof typeof timesWritten): Promise<number> => {
  const items = (await service.table.scan()).filter((item) => item["messageId"] === messageId);
  const costs = items.map((item) => costOf(undefined, item));
  return costs.reduce((sum, { item, indexes }) => sum + timesWritten[way] * item + indexes, 0);
};

test.each([
  ["of 100 bytes", 100],
  ["of 10 KB", 10_000],
  ["of 256 KiB", limits.bodyBytesMax],
])("A submit with a body %s costs what the guide says", async (name, bytes) => {
  const message = (messageId: string) =>
    aRequest({ messageId, body: "x".repeat(bytes) }) as unknown as OutboxMessage;
  const sent = await outboxOf(service).send(message(`outbox-${bytes}`));
  await commit(service, sent, `order-${bytes}`);
  // Not sent: the mark that it is queued costs the same by both ways, and is not counted.
  await service.submit({ ...message(`http-${bytes}`), deliverAt: "2026-03-09T12:00:00Z" });

  const outbox = await unitsOf(`outbox-${bytes}`, "outbox");
  const http = await unitsOf(`http-${bytes}`, "http");

  const row = page.split("\n").find((line) => line.includes(`A body ${name}`));
  expect(row?.split("|").map((cell) => cell.trim())).toEqual([
    ...["", `A body ${name}`, String(outbox), String(http), ""],
  ]);
});

test("The guide names the keys that a role may be limited to", async () => {
  const sent = await outboxOf(service).send(aRequest({ messageId: "a" }) as never);
  const [prefix] = String(sent.documents[0]?.Put.Item["pk"]).split("messageId");

  expect(page).toContain(`"${prefix}*"`);
  const items = await service.table.scan();
  const sender = items.find((item) => item["__edb_e__"] === "sender");
  expect(page).toContain(`"${sender?.["pk"]}"`);
});
