/** The dashboard as a person uses it, page by page: a started edition, and pages in Chromium. */
import { expect, test } from "@jest/globals";
import { axeColourFaults, axeFaults, describeInBrowser, overflowOf } from "../support/browser.ts";
import { useDashboard } from "../support/dashboard.ts";
import { type EditionProcess, until } from "../support/edition.ts";
import type { Answer } from "../support/receiver.ts";

const desk = { width: 1280, height: 800 } as const;
const phone = { viewport: { width: 360, height: 780 } } as const;
const firstPaintBytesMax = 100_000;

describeInBrowser("A tour of the dashboard in a browser", () => {
  const {
    edition,
    complaints,
    elsewhere,
    open,
    goTo,
    heading,
    signIn,
    signedIn,
    sessionOf,
    submitAndEnd,
    receiverUrl,
    answerBy,
  } = useDashboard();

  test("signs in by the link that the start prints, once", async () => {
    const links = () =>
      edition.lines.flatMap((line) => line.match(/http\S+sign-in\?token=\S+/) ?? []);
    const [link = ""] = await until(
      async () => links(),
      (found) => found.length > 0,
    );
    const [first, second] = [await open(), await open()];

    await first.goto(link);
    await heading(first, "Now").waitFor();
    await second.goto(link);

    await second.getByRole("alert").filter({ hasText: "was used before" }).waitFor();
    expect(await first.getByRole("link", { name: "Senders" }).count()).toBe(1);
  });

  test("finds messages by a filter that is in the address, and opens the time line of one", async () => {
    const headers = { "content-type": "text/html" };
    const refused = { status: 503, headers, body: "<b>busy</b>" };
    const messageId = await submitAndEnd(refused, { retry: { maxAttempts: 1 } });
    await submitAndEnd({ status: 200 });
    const page = await signedIn("/messages");
    await page.getByLabel("Status").selectOption("FAILED");
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL(/[?&]status=FAILED/);
    expect(await page.getByRole("row").filter({ hasText: "COMPLETED" }).count()).toBe(0);

    await page.getByRole("link", { name: messageId }).click();

    await heading(page, messageId).waitFor();
    await page.getByText("The message FAILED. No attempt is left.").waitFor();
    await page.getByText("Response").click();
    await page.getByText("<b>busy</b>").waitFor();
    expect(await page.getByRole("listitem").filter({ hasText: "Attempt 1" }).count()).toBe(2);
  });

  test("answers for another sender's message as for one that is not there", async () => {
    const other = await anotherSender(edition);
    const { status } = await other.submit({
      messageId: "theirs",
      targetUrl: `${receiverUrl()}/hook`,
    });
    const page = await signedIn("/messages/theirs");

    const contents = [];
    for (const messageId of ["theirs", "nobodys"]) {
      const answered = await goTo(page, `/messages/${messageId}`);
      contents.push([answered?.status(), (await page.content()).replaceAll(messageId, "the id")]);
    }

    expect(status).toBe(202);
    expect(contents[0]?.[0]).toBe(404);
    expect(contents[0]).toEqual(contents[1]);
  });

  test("replays what FAILED: planned, begun, paused, resumed", async () => {
    await Promise.all([1, 2, 3].map(() => submitAndEnd({ status: 410 })));
    const page = await signedIn("");
    await page.getByRole("link", { name: "Undelivered" }).click();
    await page.getByRole("link", { name: "Plan a replay of those with the reason gone" }).click();
    await page.getByText("3 messages").waitFor();
    // The first message decides whether others follow: while it is not answered, the job waits.
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answerBy(() => promise);

    await page.getByRole("button", { name: "Replay 3 matching" }).click();
    await page.getByText("waits for what comes of its first attempt").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").getByText("The job is paused.").waitFor();
    resolve({ status: 200 });
    await page.getByRole("button", { name: "Resume with the 2 messages left" }).click();

    await page.getByText("It is over: 3 messages were replayed.").waitFor();
    await page.getByText("3 of 3 messages replayed").waitFor();
    expect(await page.getByRole("cell", { name: "127.0.0.1" }).count()).toBe(2);
  });

  test("does the same without script", async () => {
    const targetUrl = `${receiverUrl().replace("127.0.0.1", "localhost")}/hook`;
    const messageId = await submitAndEnd({ status: 410 }, { targetUrl });
    answerBy(async () => ({ status: 200 }));
    const page = await open({ ...(await sessionOf()), javaScriptEnabled: false });
    await goTo(page, "/messages");
    await page
      .getByRole("row")
      .filter({ hasText: messageId })
      .getByText("FAILED")
      .first()
      .waitFor();
    await goTo(page, "/undelivered?by=target");
    await page.getByRole("link", { name: "Plan a replay of those to localhost" }).click();
    await page.getByLabel("Messages a second").fill("50");
    await page.getByRole("button", { name: "Plan again" }).click();
    await page.getByText("at 50 a second").waitFor();
    await page.getByRole("button", { name: "Replay 1 matching" }).click();
    await heading(page, "Replay messages that FAILED to localhost").waitFor();

    await until(
      () => edition.get(messageId),
      ({ status }) => status === "COMPLETED",
    );
  });

  test("takes less than 100 kB for its first page, style and script included", async () => {
    const page = await open(await sessionOf());
    const bodies: Promise<Buffer>[] = [];
    page.on("response", (response) => bodies.push(response.body()));

    await goTo(page, "");
    await page.waitForLoadState("networkidle");

    const sizes = (await Promise.all(bodies)).map(({ length }) => length);
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(firstPaintBytesMax);
  });

  test("has no fault that axe finds, in either theme, and fits on a phone", async () => {
    const failed = await submitAndEnd({ status: 410 });
    const { jobId } = (await jobsOf(edition)).items[0] ?? { jobId: "" };
    const page = await signedIn("");
    await signIn(page, edition.operatorKey);
    const paths = [
      ...["", "/messages", "/messages?status=COMPLETED&target=nowhere.example", "/undelivered"],
      ...["/jobs/plan", "/jobs/plan?action=cancel", "/jobs/plan?rate=x&from=yesterday", "/jobs"],
      ...[`/jobs/${jobId}`, "/sign-in", "/no-such-page", `/messages/${failed}`],
      ...[`/messages/${failed}/replay`, `/messages/${failed}/body`, "/senders", "/senders/demo"],
    ];

    const faults: string[] = [];
    for (const path of paths) {
      const told = (given: readonly string[], look: string) =>
        faults.push(...given.map((fault) => `${path}, ${look}: ${fault}`));
      await goTo(page, path);
      await page.evaluate(
        "for (const each of document.querySelectorAll('details')) each.open = true",
      );
      told(await axeFaults(page), "light");
      await page.emulateMedia({ colorScheme: "dark" });
      told(await axeColourFaults(page), "dark");
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize(phone.viewport);
      const wider = await overflowOf(page);
      if (wider > 0) told([`${wider} px too wide`], "phone");
      await page.setViewportSize(desk);
    }

    expect(faults).toEqual([]);
  });

  test("asked nothing of anybody else, and the browser found nothing to refuse", () => {
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
  });
});

type Access = Pick<EditionProcess, "url" | "apiKey" | "operatorKey">;
const call = async (url: string, key: string, body?: object) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const init = body && { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(url, { headers, ...init });
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests themselves.
  return { status: answer.status, json: (await answer.json()) as any };
};
const jobsOf = async ({ url, apiKey }: Access) =>
  (await call(`${url}/v1/jobs`, apiKey)).json as { items: { jobId: string }[] };

/** Creates a sender besides the one of the demo. */
const anotherSender = async ({ url, operatorKey }: Access) => {
  const { json } = await call(`${url}/v1/senders`, operatorKey, { senderId: "other" });
  const timestamp = new Date().toISOString();
  return {
    submit: (message: object) =>
      call(`${url}/v1/messages`, json.key.apiKey, { senderId: "other", timestamp, ...message }),
  };
};
