import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { submitCalls, submitCost, sum, usual } from "../../docs/render/cost.ts";
import { dollars } from "../../docs/render/cost-tables.ts";
import { aRequest, useService } from "../support/service.ts";

const service = useService();

/** The calls of some requests with which ten messages are submitted. */
const callsOf = async (
  prefix: string,
  submit: (messages: readonly object[]) => Promise<number>,
) => {
  const messages = Array.from({ length: 10 }, (_, n) => aRequest({ messageId: `${prefix}-${n}` }));
  // The key and its sender are looked up once a minute, whatever is submitted.
  await service.submit(aRequest({ messageId: `${prefix}-before` }));
  const before = service.faults.calls.length;
  const requests = await submit(messages);
  const calls = service.faults.calls.slice(before);
  const count = (...names: readonly string[]) =>
    calls.filter((call) => names.includes(call)).length;
  const counted = {
    requests,
    sends: count("SendMessage", "SendMessageBatch"),
    puts: count("PutItem"),
    marks: count("UpdateItem"),
  };
  expect(calls).toHaveLength(counted.sends + counted.puts + counted.marks);
  return counted;
};

test("Ten messages submitted alone make the calls that the page counts", async () => {
  const calls = await callsOf("alone", async (messages) => {
    for (const message of messages) await service.submit(message);
    return messages.length;
  });

  expect(calls).toEqual(submitCalls.alone);
});

test("Ten messages in a batch make the calls that the page counts", async () => {
  const calls = await callsOf("batch", async (messages) => {
    await service.request("/v1/messages/batch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages }),
    });
    return 1;
  });

  expect(calls).toEqual(submitCalls.batch);
});

test("The page says what a batch saves", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/guides/cost.md"), "utf8");

  const saved = sum(submitCost("alone", usual)) - sum(submitCost("batch", usual));

  expect(page).toContain(`saves ${dollars(saved * 1e6)} a million`);
});
