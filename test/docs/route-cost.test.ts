/** The read and write units of each route, as the page on cost states them, counted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Route } from "../../docs/openapi/operation.ts";
import { operationList, operations } from "../../docs/openapi/operations.ts";
import { openUnitCount } from "../support/cost.ts";
import { keyFor, prepareExample, sendExample } from "../support/example.ts";
import { openService } from "../support/service.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/guides/cost.md"), "utf8");
/** Such as ``| `GET /v1/messages` | 3 | 0 |``. */
const stated = new Map(
  [...page.matchAll(/^\| `([A-Z]+ \/\S*)` +\| +([\d.]+) \| +(\d+) \|$/gm)].map(
    ([, route, reads, writes]) =>
      [route, { reads: Number(reads), writes: Number(writes) }] as const,
  ),
);

/** What the example of a route costs, of a caller whose key has been looked up. */
const costOfExample = async (route: Route) => {
  const service = await openService({ shards: 1 });
  const key = await keyFor(service, route);
  await service.ask(key === service.apiKey ? "/v1/jobs" : "/v1/senders", {}, key);
  const path = await prepareExample(service, route);
  const units = openUnitCount(service.table);
  await sendExample(service, route, { path, authorization: `Bearer ${key}` });
  await service.close();
  return units.counted();
};

describe("The page on cost says what the example of a route takes:", () => {
  const routes = operationList
    .filter(([route]) => (operations[route] as { scope?: string }).scope !== undefined)
    .map(([route]) => route);

  test.each(routes)("%s", async (route) => {
    expect(stated.get(route)).toEqual(await costOfExample(route));
  });
});
