/** The pages of deployments that keep no index of all messages, or count no outcomes, or neither. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, type Service, useService } from "../support/service.ts";
import { textOf, viewerOf } from "../support/viewer.ts";

const service = useService({ listAll: false });
const uncounted = useService({ countOutcomes: false });
const neither = useService({ listAll: false, countOutcomes: false });

const nowOf = async ({ api, apiKey, submit, work }: Service) => {
  const messageId = "delivered";
  await submit(aRequest({ messageId, targetUrl: `${receiver.url}/hook` }));
  await work({ v: 1, senderId: "shop", messageId, attempt: 1 });
  const viewer = viewerOf(api);
  await viewer.signIn(apiKey);
  const { html } = await viewer.get("/dashboard");
  return { text: textOf(html), links: html.match(/href="\/dashboard\/messages[^"]*"/g) ?? [] };
};
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeAll(async () => {
  receiver = await openReceiver(() => ({ status: 200 }));
});
afterAll(() => receiver.close());

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

describe("The page Now", () => {
  test("leads from no number to a list that the deployment does not keep", async () => {
    const { text, links } = await nowOf(service);

    expect(text).toMatch(/Submits accepted, about \d+ ms median/);
    expect(text).toMatch(/Submit to delivery, about \d+ ms median/);
    expect(links.filter((link) => /COMPLETED|PROCESSING|messages\?from/.test(link))).toEqual([]);
  });

  test("knows how long deliveries take from the latest of them, where they are not counted", async () => {
    const { text, links } = await nowOf(uncounted);

    expect(text).toMatch(
      /Submit to delivery, of the latest 1 message 0 ms median; 95 % within 0 ms/,
    );
    expect(text).toContain("Submits accepted, about – not counted on this deployment");
    expect(text).toContain("Outcomes are not counted on this deployment");
    expect(links).toContain('href="/dashboard/messages?status=COMPLETED"');
  });

  test("says what is not known, where there is neither", async () => {
    const { text } = await nowOf(neither);

    expect(text).toContain("Submit to delivery, about – not counted on this deployment");
    expect(text).toContain("No target is failing; no message waits.");
  });
});
