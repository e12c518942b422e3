/** The lists of a deployment that keeps no index of all messages. */
import { expect, test } from "@jest/globals";
import { aRequest, useService } from "../support/service.ts";
import { textOf, viewerOf } from "../support/viewer.ts";

const service = useService({ listAll: false });

test("Without an index of all messages the list has those that are unfinished, and says so", async () => {
  await service.submit(aRequest({ messageId: "waits" }));
  const viewer = viewerOf(service.api);
  await viewer.signIn(service.apiKey);

  const list = await viewer.get("/dashboard/messages");
  const completed = await viewer.get("/dashboard/messages?status=COMPLETED");

  expect(textOf(list.html)).toContain("This deployment keeps no index of all messages");
  expect(list.html).toContain("/dashboard/messages/waits");
  expect(textOf(completed.html)).toContain("status must be FAILED or unfinished");
});
