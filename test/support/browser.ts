import { accessSync, constants } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe } from "@jest/globals";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const named = process.env["POSTRIDER_CHROMIUM"];
/** Where Chromium is: as the environment says, or where systems put it. */
const places = named
  ? [named]
  : ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const program = places.find(isProgram);

/**
 * Names tests that need a browser. Where there is none they are left out, which is told: work on anything
 * else needs none. `.ci/run` installs it.
 */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (program) {
    describe(name, tests);
    return;
  }
  const told = `left out: there is no Chromium at ${places.join(", ")}. Install it, or name it in POSTRIDER_CHROMIUM.`;
  process.stderr.write(`${name}: ${told}\n`);
  describe.skip(name, tests);
};

/** As for every test: nothing but this machine is reached, whatever a page asks for. */
const onlyHere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";

/** Ends what hangs. A machine that is busy takes its time. */
const patienceMs = 60_000;

/** There is nothing to be drawn by a graphics card, nor to be fetched for later. */
const frugal = ["--disable-gpu", "--disable-extensions", "--no-first-run", "--mute-audio"];

/**
 * Starts one Chromium for the tests of a block. A context is what one person has: cookies, a theme. Close
 * those that a test leaves: a page that is open refreshes itself for as long as there are other tests.
 */
export const useBrowser = () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program ?? "", args: [onlyHere, ...frugal] });
  });
  afterAll(() => browser.close());

  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      ...{ timezoneId: "UTC", locale: "en-US", reducedMotion: "reduce" },
      ...options,
    });
    context.setDefaultTimeout(patienceMs);
    return context.newPage();
  };
  return { open, contexts: () => browser.contexts() };
};

type Violations = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"];

const linesOf = (violations: Violations): string[] =>
  violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${help}: ${target} ${failureSummary}`),
  );

/** Returns what axe finds wrong with a page by all its rules, a line for each element. */
export const axeFaults = async (page: Page): Promise<string[]> => {
  // The other mode opens a page more each time.
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"], preload: false });
  return linesOf((await axe.analyze()).violations);
};

/** The same by the rules that another theme could break, after a look by all of them. */
export const axeColourFaults = async (page: Page): Promise<string[]> => {
  // Axe is on the page since that look: to put it there once more takes longer than the rules.
  const found = await page.evaluate<{ violations: Violations }>(
    'axe.run({ runOnly: ["color-contrast"], resultTypes: ["violations"], preload: false })',
  );
  return linesOf(found.violations);
};

/** Returns by how many pixels a page is wider than what is seen of it. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
