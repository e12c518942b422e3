import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "@jest/globals";
import { openCollector } from "../support/collector.ts";
import { killLeftovers, newDataDir, startProcess, until } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";

afterAll(killLeftovers);

test("A local edition with the endpoint of a collector sends it the spans of each message", async () => {
  const [collector, receiver, dataDir] = [
    await openCollector(),
    await openReceiver(),
    await newDataDir(),
  ];
  const edition = await startProcess(dataDir, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=canary-of-the-collector",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  });

  await edition.submit({ messageId: "traced", targetUrl: `${receiver.url}/hook` });
  await until(
    () => edition.get("traced"),
    ({ status }) => status === "COMPLETED",
  );
  // What ended last goes out before the process ends.
  expect(await edition.interrupt()).toBe(0);

  const [server, client, ...others] = collector.spans();
  expect(others).toEqual([]);
  expect(server).toMatchObject({ kind: "server", name: "POST /v1/messages" });
  expect(client).toMatchObject({ kind: "client", parentSpanId: server?.spanId });
  expect(receiver.of("traced")[0]?.headers["traceparent"]).toBe(
    `00-${client?.traceId}-${client?.spanId}-03`,
  );
  expect(collector.exports[0]?.headers).toMatchObject({ "x-api-key": "canary-of-the-collector" });
  expect(collector.resources()[0]).toMatchObject({ "deployment.environment.name": "test" });
  const log = edition.lines.join("\n");
  expect(log).toContain(`Traces to ${collector.endpoint}`);
  expect(log).not.toContain("canary-of-the-collector");
  collector.close();
  receiver.close();
  await rm(dataDir, { recursive: true });
});
