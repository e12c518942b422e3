/** The dashboard as a person uses it: a started edition, and pages in Chromium. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import {
  axeColourFaults,
  axeFaults,
  describeInBrowser,
  overflowOf,
  useBrowser,
} from "../support/browser.ts";
import { type EditionProcess, until, useEdition } from "../support/edition.ts";
import { type Answer, openReceiver } from "../support/receiver.ts";

const desk = { width: 1280, height: 800 } as const;
const phone = { viewport: { width: 360, height: 780 } } as const;
const firstPaintBytesMax = 100_000;

describeInBrowser("The dashboard in a browser", () => {
  const edition = useEdition({ POSTRIDER_LOG: "text", POSTRIDER_DISPATCH_INTERVAL_MS: "200" });
  const browser = useBrowser();
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let answer: () => Promise<Answer> = async () => ({ status: 200 });
  /** What a browser complains about, and where it went. */
  const complaints: string[] = [];
  const elsewhere: string[] = [];

  const open = async (options?: BrowserContextOptions): Promise<Page> => {
    const page = await browser.open(options);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // A page that is answered 404 is told of as an error, too.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(`${edition.url}/`)) elsewhere.push(request.url());
    });
    return page;
  };
  const goTo = (page: Page, path: string) => page.goto(`${edition.url}/dashboard${path}`);
  const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });
  const signIn = async (page: Page, apiKey = edition.apiKey): Promise<void> => {
    await goTo(page, "/sign-in");
    await page.getByLabel("API key").fill(apiKey);
    await page.getByRole("button", { name: /^(Sign in|Use this key)$/ }).click();
    await heading(page, "Now").waitFor();
  };
  /** The page of somebody who is signed in: one for all tests that ask for no other kind. */
  let shared: Page | undefined;
  const signedIn = async (path: string): Promise<Page> => {
    if (!shared) {
      shared = await open();
      await signIn(shared);
    }
    await goTo(shared, path);
    return shared;
  };
  const sessionOf = async () => ({
    storageState: await (await signedIn("")).context().storageState(),
  });
  afterEach(async () => {
    const others = browser.contexts().filter((context) => context !== shared?.context());
    await Promise.all(others.map((context) => context.close()));
    // It asks for nothing while others are at work.
    await shared?.goto("about:blank");
  });

  let ids = 0;
  const submit = async (answered: Answer | Promise<Answer>, members: object = {}) => {
    const messageId = `browser-${++ids}`;
    answer = async () => answered;
    await edition.submit({ messageId, targetUrl: `${receiver.url}/hook`, ...members });
    return messageId;
  };
  const submitAndEnd = async (answered: Answer, members: object = {}): Promise<string> => {
    const messageId = await submit(answered, members);
    const isOver = ({ status }: { status: string }) => ["COMPLETED", "FAILED"].includes(status);
    await until(() => edition.get(messageId), isOver);
    return messageId;
  };

  beforeAll(async () => {
    receiver = await openReceiver(() => answer());
  });
  afterAll(() => receiver.close());

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
      targetUrl: `${receiver.url}/hook`,
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
    answer = () => promise;

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

  test("is told that a session is over, where it looks on and where it goes on", async () => {
    const page = await open(await sessionOf());
    await goTo(page, "/messages");

    await page.context().clearCookies();
    await page.getByRole("alert").filter({ hasText: "Your session has ended" }).waitFor();
    await page.getByRole("link", { name: "Sign in again" }).click();

    await heading(page, "Sign in").waitFor();
  });

  test("does the same without script", async () => {
    const targetUrl = `${receiver.url.replace("127.0.0.1", "localhost")}/hook`;
    const messageId = await submitAndEnd({ status: 410 }, { targetUrl });
    answer = async () => ({ status: 200 });
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

/** Goes on by the key Tab to the link or button with this name. Fails if all of the page was passed. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  const passed: string[] = [];
  while (passed.at(-1) !== name) {
    if (passed.length > 100) throw new Error(`There is no ${name} among ${passed.join(", ")}`);
    await page.keyboard.press("Tab");
    passed.push(await page.evaluate<string>("document.activeElement.textContent.trim()"));
  }
};

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
