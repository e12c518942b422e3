import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
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

const submit = (targetUrl: string, index: number) =>
  service.submit(aRequest({ messageId: `target-${index}`, targetUrl, deliverAt }));

test("every target that is wrong by its URL is refused at submit, for that reason and no other", async () => {
  const wrong = cases.filter(({ stage, expected }) => stage === "url" && expected === "reject");

  const answers = await Promise.all(wrong.map(({ url }, index) => submit(url, index)));

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

  const answers = await Promise.all(fine.map(({ url }, index) => submit(url, 1000 + index)));

  const refused = fine.filter((_, index) => answers[index]?.status !== 202);
  expect(fine.length).toBeGreaterThan(30);
  expect(refused).toEqual([]);
  expect(service.queued()).toEqual([]);
});

test("the policy of these cases is not the one that a service has by itself", () => {
  expect(options.allowHttp).not.toBe("always");
});
