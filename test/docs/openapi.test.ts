/** The OpenAPI document: that it is a good one, and that the app does what it says. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { openApiText } from "../../docs/openapi/document.ts";
import { exampleKeyId } from "../../docs/openapi/operation.ts";
import { operationList, operations } from "../../docs/openapi/operations.ts";
import { prepareExample, sendExample } from "../support/example.ts";
import { openService, type Service } from "../support/service.ts";

test("A linter finds nothing to say about the document", async () => {
  const config = await createConfig({
    extends: ["recommended-strict"],
    rules: {
      // What describes the service, and its health, cannot be asked for wrongly.
      "operation-4xx-response": "off",
    },
  });

  const said = await lintFromString({
    ...{ source: openApiText(), config, absoluteRef: "/openapi.json" },
  });

  expect(
    said.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
  ).toEqual([]);
});

describe("Routes", () => {
  let service: Service;
  beforeAll(async () => {
    service = await openService();
  });
  afterAll(() => service.close());

  const routesOfApp = () => [
    ...new Set(
      service.wholeApi.routes
        .filter(({ method }) => method !== "ALL")
        .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
    ),
  ];

  test("of the app are all in the document: if not, add them to docs/openapi/operations/", () => {
    expect(routesOfApp().filter((route) => !(route in operations))).toEqual([]);
  });

  test("of the document are all in the app: if not, take them out of docs/openapi/operations/", () => {
    const routes = routesOfApp();

    expect(Object.keys(operations).filter((route) => !routes.includes(route))).toEqual([]);
  });
});

test.each(operationList.map(([route, { example }]) => ({ route, example })))(
  "The example of $route is answered as the document says",
  async ({ route, example }) => {
    const service = await openService();
    try {
      const path = await prepareExample(service, route);

      const { status, text } = await sendExample(service, route, { path });

      expect(status).toBe(example.status);
      if (example.answer === undefined) return;
      const answer = JSON.parse(text, (name, value) => (name === "keyId" ? exampleKeyId : value));
      expect(answer).toEqual(example.answer);
    } finally {
      await service.close();
    }
  },
);
