import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { expectSameAtOutbox } from "../../support/outbox.ts";
import { aRequest, options, useService } from "../../support/service.ts";

type Case = {
  readonly url: string;
  readonly reason: string;
  readonly expected: "allow" | "reject";
  readonly stage: "url" | "dns" | "redirect";
};

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../cases/target-urls.json"), "utf8"),
) as readonly Case[];

/** Far ahead: nothing that is accepted here is ever sent anywhere. */
const deliverAt = "2026-03-20T12:00:00Z";

const service = useService({ allowTargets: [], allowHttp: "always" });

const settings = { POSTRIDER_ALLOW_TARGETS: "none", POSTRIDER_ALLOW_HTTP: "true" };

/** Submits to the HTTP door, and expects the same of the outbox. */
const submitAll = async (targets: readonly Case[], from: number) => {
  const messages = targets.map(({ url: targetUrl }, index) =>
    aRequest({ messageId: `target-${from + index}`, targetUrl, deliverAt }),
  );
  const answers = await Promise.all(messages.map((message) => service.submit(message)));
  for (const [index, answer] of answers.entries())
    await expectSameAtOutbox(service, JSON.stringify(messages[index]), answer, { settings });
  return answers;
};

test("every target that is wrong by its URL is refused at submit, for that reason and no other", async () => {
  const wrong = cases.filter(({ stage, expected }) => stage === "url" && expected === "reject");

  const answers = await submitAll(wrong, 0);

  expect(wrong.length).toBeGreaterThan(100);
  const passed = wrong.filter((_, index) => answers[index]?.status !== 400);
  expect(passed).toEqual([]);
  const paths = answers.flatMap(({ json }) =>
    json.issues.map(({ path }: { path: string[] }) => path),
  );
  expect(new Set(paths.map((path) => path.join(".")))).toEqual(new Set(["targetUrl"]));
});

test("every other target is taken, also where a look-up or a redirect will tell in the end", async () => {
  const fine = cases.filter(({ stage, expected }) => stage !== "url" || expected === "allow");

  const answers = await submitAll(fine, 1000);

  const refused = fine.filter((_, index) => answers[index]?.status !== 202);
  expect(fine.length).toBeGreaterThan(30);
  expect(refused).toEqual([]);
  expect(service.queued()).toEqual([]);
});

test("the policy of these cases is not the one that a service has by itself", () => {
  expect(options.allowHttp).not.toBe("always");
});
