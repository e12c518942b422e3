import { afterAll, afterEach, beforeAll } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { useBrowser } from "./browser.ts";
import { until, useEdition } from "./edition.ts";
import { type Answer, openReceiver } from "./receiver.ts";

/** The dashboard of a started edition as a person uses it, for the tests of a block. */
export const useDashboard = () => {
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

  return {
    ...{ edition, complaints, elsewhere },
    ...{ open, goTo, heading, signIn, signedIn, sessionOf, submit, submitAndEnd },
    receiverUrl: () => receiver.url,
    /** How the receiver answers from now on. */
    answerBy: (next: () => Promise<Answer>): void => {
      answer = next;
    },
  };
};

/** Goes on by the key Tab to the link or button with this name. Fails if all of the page was passed. */
export const tabTo = async (page: Page, name: string): Promise<void> => {
  const passed: string[] = [];
  while (passed.at(-1) !== name) {
    if (passed.length > 100) throw new Error(`There is no ${name} among ${passed.join(", ")}`);
    await page.keyboard.press("Tab");
    passed.push(await page.evaluate<string>("document.activeElement.textContent.trim()"));
  }
};
