import { expect, test } from "@jest/globals";
import { noTracing } from "../../adapters/tracing.ts";
import { inBackground } from "../../local/tracing.ts";

/** Tracing whose exports end when a test says so. */
const exporting = () => {
  const underWay: (() => void)[] = [];
  const flush = (): Promise<void> => new Promise((resolve) => void underWay.push(resolve));
  return { underWay, tracing: inBackground({ ...noTracing, flush }) };
};

test("In the local edition nobody waits for an export", async () => {
  const { tracing, underWay } = exporting();

  await tracing.flush();

  expect(underWay).toHaveLength(1);
});

test("What ends during an export goes out by one more, however many ask", async () => {
  const { tracing, underWay } = exporting();
  await tracing.flush();
  await tracing.flush();
  await tracing.flush();
  expect(underWay).toHaveLength(1);

  underWay[0]?.();
  const ended = tracing.ended();
  await new Promise(setImmediate);
  underWay[1]?.();
  await ended;

  expect(underWay).toHaveLength(2);
});

test("A stop waits for the last export", async () => {
  const { tracing, underWay } = exporting();
  let isOver = false;

  const ended = tracing.ended().then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  underWay[0]?.();
  await ended;

  expect(isOver).toBe(true);
});
