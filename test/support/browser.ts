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

/** Starts one Chromium for the tests of a block. A context is what one person has: cookies, a theme. */
export const useBrowser = () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program ?? "", args: [onlyHere] });
  });
  afterAll(() => browser.close());

  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ timezoneId: "UTC", locale: "en-US", ...options });
    context.setDefaultTimeout(patienceMs);
    return context.newPage();
  };
  return { open };
};

/**
 * Returns what axe finds wrong with a page, a line for each element: by all its rules, or by those that
 * another theme could break.
 */
export const axeFaults = async (page: Page, rules: "all" | "colours"): Promise<string[]> => {
  // The other mode opens a page more each time.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await (rules === "all" ? axe : axe.withRules("color-contrast")).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${help}: ${target} ${failureSummary}`),
  );
};

/** Returns by how many pixels a page is wider than what is seen of it. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
