import { expect, test } from "@jest/globals";
import { shedding } from "../../local/shed.ts";

const request = () => new Request("http://127.0.0.1/v1/messages");

/** Answers when it is told to, and counts what has come to it. */
const slow = () => {
  const waiting: (() => void)[] = [];
  const fetch = () =>
    new Promise<Response>((resolve) => waiting.push(() => resolve(new Response("done"))));
  return { fetch, waiting };
};

test("what comes while too many requests are under way is refused at once, and may be repeated", async () => {
  const { fetch, waiting } = slow();
  const shed = shedding(fetch, 2);
  const taken = [shed(request()), shed(request())];

  const refused = await shed(request());
  waiting[0]?.();
  await taken[0];
  const third = shed(request());
  for (const answer of waiting) answer();

  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("2");
  expect(await refused.json()).toMatchObject({ code: "SYSTEM_ERROR", status: 503 });
  expect((await third).status).toBe(200);
  expect(waiting).toHaveLength(3);
});

test("a request that fails makes room as well", async () => {
  const shed = shedding(async () => {
    throw new Error("a bug");
  }, 1);

  await expect(shed(request())).rejects.toThrow("a bug");
  await expect(shed(request())).rejects.toThrow("a bug");
});
