/**
 * `npm run screenshots` makes `docs/images/dashboard.png` anew. With `--all DIR` it makes pictures of every page
 * in DIR instead: light, dark, and on a phone. Needs Chromium, which POSTRIDER_CHROMIUM may name.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { environment } from "../../adapters/environment.ts";
import { print } from "../../adapters/terminal.ts";
import { storeEarlierDay } from "./earlier.ts";
import { type StartedEdition, startEdition } from "./edition.ts";
import { replayInVain, sendTraffic, startTarget } from "./traffic.ts";

const images = join(import.meta.dirname, "../images");
const desk = { viewport: { width: 1280, height: 860 } } as const;
const looks = {
  light: { ...desk, colorScheme: "light" },
  dark: { ...desk, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 780 }, colorScheme: "light" },
} as const satisfies Readonly<Record<string, BrowserContextOptions>>;

const paths = {
  now: "",
  messages: "/messages",
  message: "/messages/refund-1001",
  delivered: "/messages/order-1001",
  body: "/messages/order-1001/body",
  replay: "/messages/invoice-1001/replay",
  undelivered: "/undelivered",
  targets: "/undelivered?by=target",
  plan: "/jobs/plan?reason=gone",
  cancel: "/jobs/plan?action=cancel",
  jobs: "/jobs",
  senders: "/senders",
  sender: "/senders/demo",
} as const;

/** Opens a page of somebody who is signed in, with no access to anything but this machine. */
const signedIn = async (
  browser: Browser,
  { url, apiKey, operatorKey }: StartedEdition,
  look: BrowserContextOptions,
): Promise<Page> => {
  const context = await browser.newContext({ timezoneId: "UTC", locale: "en-GB", ...look });
  const page = await context.newPage();
  for (const key of [apiKey, operatorKey]) {
    await page.goto(`${url}/dashboard/sign-in`);
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: /^(Sign in|Use this key)$/ }).click();
    await page.waitForURL(/\/dashboard$/);
  }
  return page;
};

const takeAll = async (browser: Browser, edition: StartedEdition, dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true });
  const all = { ...paths, job: `/jobs/${await replayInVain(edition)}` };
  for (const [look, options] of Object.entries(looks)) {
    const page = await signedIn(browser, edition, options);
    for (const [name, path] of Object.entries(all)) {
      await page.goto(`${edition.url}/dashboard${path}`);
      await page.screenshot({ path: join(dir, `${name}-${look}.png`), fullPage: true });
    }
  }
};

const takeOne = async (browser: Browser, edition: StartedEdition): Promise<void> => {
  await mkdir(images, { recursive: true });
  const page = await signedIn(browser, edition, looks.light);
  // The page refreshes itself until there is something to wait for.
  await page.getByText("; the next attempt is in ").waitFor();
  await page.screenshot({ path: join(images, "dashboard.png") });
};

const { all } = parseArgs({ options: { all: { type: "string" } } }).values;
const target = await startTarget();
const edition = await startEdition();
const browser = await chromium.launch({
  executablePath: environment()["POSTRIDER_CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
await storeEarlierDay(edition);
await sendTraffic(edition, target.port);
await (all === undefined ? takeOne(browser, edition) : takeAll(browser, edition, all));
await browser.close();
await edition.stop();
target.stop();
print(`Written to ${all ?? "docs/images/dashboard.png"}\n`);
