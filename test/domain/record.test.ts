import { expect, test } from "@jest/globals";
import { nextRecord } from "../../domain/record.ts";
import { aMessage } from "../support/messages.ts";

test("a record is a pointer and the number of the next attempt, and nothing of the message", () => {
  expect(nextRecord(aMessage({ attempts: 2 }))).toStrictEqual({
    v: 1,
    senderId: "shop",
    messageId: "order-7",
    attempt: 3,
  });
});
