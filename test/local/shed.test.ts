import { describe, expect, test } from "@jest/globals";
import type { Problem } from "../../domain/problem.ts";
import type { Bindings } from "../../handlers/api/env.ts";
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
  const shed = shedding(fetch, { requestsMax: 2, bodiesMax: 2 });
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
  const shed = shedding(
    async () => {
      throw new Error("a bug");
    },
    { requestsMax: 1, bodiesMax: 1 },
  );

  await expect(shed(request())).rejects.toThrow("a bug");
  await expect(shed(request())).rejects.toThrow("a bug");
});

describe("While its body is read, a request", () => {
  /** Requests that first have their bodies read; each step of each is told when to go on. */
  const open = (bounds: { readonly requestsMax: number; readonly bodiesMax: number }) => {
    const bodies: { readonly arrive: () => void; readonly breakOff: () => void }[] = [];
    const work: (() => void)[] = [];
    const fetch = async (_: Request, { whileReading }: Bindings): Promise<Response> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      bodies.push({ arrive: () => resolve("body"), breakOff: () => reject(new Error("gone")) });
      const body = await whileReading?.(() => promise);
      await new Promise<void>((done) => work.push(done));
      return new Response(body);
    };
    const shed = shedding(fetch, bounds);
    /** What comes of a request: its status, or why its body was refused. */
    const send = (): Promise<number | string> =>
      shed(request()).then(
        ({ status }) => status,
        (error: Problem) => error.code ?? error.message,
      );
    const settled = () => new Promise((resume) => setImmediate(resume));
    return { bodies, work, send, settled };
  };

  test("holds no place among those under way", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 1, bodiesMax: 9 });
    const halves = [send(), send(), send()];

    const whole = send();
    bodies[3]?.arrive();
    await settled();
    work[0]?.();

    expect(await whole).toBe(200);
    for (const { breakOff } of bodies) breakOff();
    expect(await Promise.all(halves)).toEqual(["gone", "gone", "gone"]);
  });

  test("needs a place again for what follows, and is refused if there is none", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 1, bodiesMax: 9 });
    const [first, second] = [send(), send()];
    bodies[0]?.arrive();
    await settled();

    const third = send();
    bodies[1]?.arrive();

    expect(await third).toBe(503);
    expect(await second).toBe("SYSTEM_ERROR");
    work[0]?.();
    expect(await first).toBe(200);
  });

  test("gives its place back once, whatever becomes of it", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 1, bodiesMax: 9 });
    const [broken, good] = [send(), send()];
    bodies[0]?.breakOff();
    expect(await broken).toBe("gone");
    bodies[1]?.arrive();
    await settled();

    const refused = send();
    work[0]?.();

    expect([await refused, await good]).toEqual([503, 200]);
    const last = send();
    bodies[2]?.arrive();
    await settled();
    work[1]?.();
    expect(await last).toBe(200);
  });

  test("is not refused for bodies that have arrived", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 9, bodiesMax: 2 });
    const [oldest, arrived] = [send(), send()];
    bodies[1]?.arrive();
    await settled();

    const third = send();
    bodies[0]?.arrive();
    bodies[2]?.arrive();
    await settled();
    for (const done of work) done();

    expect(await Promise.all([oldest, arrived, third])).toEqual([200, 200, 200]);
  });

  test("is refused with every other of too many at once but the last", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 9, bodiesMax: 1 });

    const [first, second, third] = [send(), send(), send()];
    bodies[2]?.arrive();
    await settled();
    work[0]?.();

    expect(await Promise.all([first, second, third])).toEqual([
      "SYSTEM_ERROR",
      "SYSTEM_ERROR",
      200,
    ]);
  });

  test("is refused if it is the oldest of too many, and the others are not", async () => {
    const { bodies, work, send, settled } = open({ requestsMax: 9, bodiesMax: 2 });
    const [oldest, second] = [send(), send()];

    const third = send();
    expect(await oldest).toBe("SYSTEM_ERROR");
    bodies[1]?.arrive();
    bodies[2]?.arrive();
    await settled();
    const fourth = send();
    bodies[3]?.arrive();
    await settled();
    for (const done of work) done();

    expect(await Promise.all([second, third, fourth])).toEqual([200, 200, 200]);
  });
});
