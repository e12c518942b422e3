/**
 * What only a browser shows, in a started edition: keys, a page that renews itself, the policy of its
 * contents. `test/proof/browser.test.ts` goes through all pages, which takes three times as long.
 */
import { expect, test } from "@jest/globals";
import { describeInBrowser } from "../support/browser.ts";
import { tabTo, useDashboard } from "../support/dashboard.ts";
import type { Answer } from "../support/receiver.ts";

describeInBrowser("The dashboard in a browser", () => {
  const { edition, complaints, elsewhere, open, goTo, heading, signedIn, sessionOf, submit } =
    useDashboard();

  test("signs in with a key and the keyboard alone, and says when a key is not valid", async () => {
    const page = await open();
    await goTo(page, "/jobs");
    await heading(page, "Sign in").waitFor();

    await page.keyboard.type("prk_wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "not a valid API key" }).waitFor();
    await page.keyboard.type(edition.apiKey);
    await page.keyboard.press("Enter");

    await heading(page, "Jobs").waitFor();
    expect(await page.content()).not.toContain(edition.apiKey);
  });

  test("cancels a message by the keyboard alone", async () => {
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
    const messageId = await submit({ status: 200 }, { deliverAt });
    const page = await signedIn(`/messages/${messageId}`);

    await tabTo(page, "Cancel message");
    await page.keyboard.press("Enter");
    await heading(page, "Cancel this message?").waitFor();
    await tabTo(page, "Cancel message");
    await page.keyboard.press("Enter");

    await page.getByRole("status").waitFor();
    expect((await edition.get(messageId)).status).toBe("CANCELLED");
  });

  test("shows a message as it goes through, without being reloaded", async () => {
    const page = await signedIn("/messages");
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const messageId = await submit(promise);
    const row = page.getByRole("row").filter({ hasText: messageId });

    await row.getByText("PROCESSING").waitFor();
    resolve({ status: 200 });

    await row.getByText("COMPLETED").waitFor();
  });

  test("is told that a session is over, where it looks on and where it goes on", async () => {
    const page = await open(await sessionOf());
    await goTo(page, "/messages");

    await page.context().clearCookies();
    await page.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
    await page.getByRole("link", { name: "Sign in again" }).click();

    await heading(page, "Sign in").waitFor();
  });

  test("asked nothing of anybody else, and the browser found nothing to refuse", () => {
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
  });
});
