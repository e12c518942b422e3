import { describe, expect, test } from "@jest/globals";
import { boundedLookups } from "../../adapters/bounded-lookups.ts";
import { turn } from "../support/hostile.ts";

/** Name servers that answer each look-up when they are told to, and keep the names they were asked. */
const nameServers = () => {
  const asked: string[] = [];
  const open: { name: string; give: (a: readonly string[]) => void; fail: (e: Error) => void }[] =
    [];
  const resolve = (name: string) => {
    asked.push(name);
    return new Promise<readonly string[]>((give, fail) => open.push({ name, give, fail }));
  };
  /** Takes the oldest look-up of a name that is still open. */
  const take = (name: string) => {
    const [found] = open.splice(
      open.findIndex((each) => each.name === name),
      1,
    );
    if (found?.name !== name) throw new Error(`Nobody looks ${name} up`);
    return found;
  };
  return {
    asked,
    resolve,
    answer: (name: string, ...addresses: readonly string[]) => take(name).give(addresses),
    fail: (name: string, code: string) => take(name).fail(Object.assign(new Error(), { code })),
  };
};

/** A look-up's time is never up in a test that is not about that. */
const patientMs = 2 ** 31 - 1;

const open = (atOnce: number, lookUpMs = patientMs) => {
  const servers = nameServers();
  return { ...servers, lookUp: boundedLookups(servers.resolve, { atOnce, lookUpMs }) };
};

/** An asker that can be told that its time is up. */
const asker = () => {
  const over = new AbortController();
  const reason = new DOMException("late", "TimeoutError");
  return { signal: over.signal, leave: () => over.abort(reason), reason };
};

/** What comes of a look-up that may fail: its addresses, or its error. */
const outcomeOf = (lookUp: Promise<readonly string[]>) => lookUp.catch((error: Error) => error);

describe("Look-ups at once", () => {
  test("are as many as are allowed; the others wait in the order in which they came", async () => {
    const { lookUp, asked, answer } = open(2);

    const answers = ["a", "b", "c", "d"].map((name) => lookUp(name));
    const first = [...asked];
    answer("b", "192.0.2.2");
    await answers[1];
    await turn();
    const second = [...asked];
    answer("c", "192.0.2.3");
    await answers[2];
    await turn();
    answer("a", "192.0.2.1");
    answer("d", "192.0.2.4");

    expect([first, second, asked]).toEqual([
      ["a", "b"],
      ["a", "b", "c"],
      ["a", "b", "c", "d"],
    ]);
    expect((await Promise.all(answers)).flat()).toEqual([
      ...["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
    ]);
  });

  test("make room when they fail, too", async () => {
    const { lookUp, asked, answer, fail } = open(1);
    const failing = outcomeOf(lookUp("a"));
    const next = lookUp("b");

    fail("a", "ENOTFOUND");

    expect(await failing).toMatchObject({ code: "ENOTFOUND" });
    await turn();
    answer("b", "192.0.2.2");
    expect(await next).toEqual(["192.0.2.2"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("make room when the resolver throws at once", async () => {
    const lookUp = boundedLookups(
      (name) => {
        if (name === "a") throw new Error("a bug");
        return Promise.resolve(["192.0.2.2"]);
      },
      { atOnce: 1, lookUpMs: patientMs },
    );

    await expect(lookUp("a")).rejects.toThrow("a bug");
    expect(await lookUp("b")).toEqual(["192.0.2.2"]);
  });
});

describe("Equal names", () => {
  test("are one look-up, whose answer all who asked meanwhile get", async () => {
    const { lookUp, asked, answer } = open(5);

    const answers = [lookUp("a"), lookUp("a"), lookUp("a")];
    answer("a", "192.0.2.1");

    expect(await Promise.all(answers)).toEqual(Array(3).fill(["192.0.2.1"]));
    expect(asked).toEqual(["a"]);
  });

  test("are looked up anew after that: an answer is not kept", async () => {
    const { lookUp, asked, answer } = open(5);
    const first = lookUp("a");
    answer("a", "192.0.2.1");
    await first;
    await turn();

    const second = lookUp("a");
    answer("a", "192.0.2.9");

    expect(await second).toEqual(["192.0.2.9"]);
    expect(asked).toEqual(["a", "a"]);
  });

  test("share a failure, too, and not with who asks later", async () => {
    const { lookUp, answer, fail } = open(5);
    const failing = [outcomeOf(lookUp("a")), outcomeOf(lookUp("a"))];
    fail("a", "EAI_AGAIN");
    expect(await Promise.all(failing)).toMatchObject([
      { code: "EAI_AGAIN" },
      { code: "EAI_AGAIN" },
    ]);
    await turn();

    const later = lookUp("a");
    answer("a", "192.0.2.1");

    expect(await later).toEqual(["192.0.2.1"]);
  });
});

describe("An asker whose time is up", () => {
  test("leaves with that reason, and the look-up goes on for the others", async () => {
    const { lookUp, asked, answer } = open(5);
    const { signal, leave, reason } = asker();
    const leaving = outcomeOf(lookUp("a", signal));
    const staying = lookUp("a", asker().signal);

    leave();
    const left = await leaving;
    const late = lookUp("a");
    answer("a", "192.0.2.1");

    expect(left).toBe(reason);
    expect(await Promise.all([staying, late])).toEqual([["192.0.2.1"], ["192.0.2.1"]]);
    expect(asked).toEqual(["a"]);
  });

  test("before it asks, waits for nothing", async () => {
    const { lookUp } = open(5);
    const { signal, leave, reason } = asker();
    leave();

    expect(await outcomeOf(lookUp("a", signal))).toBe(reason);
  });

  test("a caller whose deadline passes while waiting leaves, and its name is not looked up", async () => {
    const { lookUp, asked, answer } = open(1);
    const first = lookUp("a");
    const { signal, leave } = asker();
    const leaving = outcomeOf(lookUp("b", signal));
    const last = lookUp("c");

    leave();
    await leaving;
    answer("a", "192.0.2.1");
    await first;
    await turn();
    answer("c", "192.0.2.3");

    expect(await last).toEqual(["192.0.2.3"]);
    expect(asked).toEqual(["a", "c"]);
  });

  test("leaves alone the line in which others wait for the same name", async () => {
    const { lookUp, asked, answer } = open(1);
    const first = lookUp("a");
    const { signal, leave } = asker();
    const leaving = outcomeOf(lookUp("b", signal));
    const staying = lookUp("b");

    leave();
    await leaving;
    answer("a", "192.0.2.1");
    await first;
    await turn();
    answer("b", "192.0.2.2");

    expect(await staying).toEqual(["192.0.2.2"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("a look-up that nobody waits for keeps its place until it returns", async () => {
    const { lookUp, asked, answer } = open(1);
    const { signal, leave } = asker();
    const leaving = outcomeOf(lookUp("a", signal));
    const next = lookUp("b");

    leave();
    await leaving;
    await turn();
    const meanwhile = [...asked];
    answer("a", "192.0.2.1");
    await turn();
    answer("b", "192.0.2.2");

    expect(await next).toEqual(["192.0.2.2"]);
    expect([meanwhile, asked]).toEqual([["a"], ["a", "b"]]);
  });
});

describe("A look-up that takes too long", () => {
  test("fails for all who asked, as a name that cannot be looked up now", async () => {
    const { lookUp } = open(5, 1);

    const failures = await Promise.all([outcomeOf(lookUp("a")), outcomeOf(lookUp("a"))]);

    expect(failures).toMatchObject([{ code: "EAI_AGAIN" }, { code: "EAI_AGAIN" }]);
  });

  test("holds one thread at most: until it returns its name fails at once, and then is asked anew", async () => {
    const { lookUp, asked, answer } = open(5, 1);
    await outcomeOf(lookUp("a"));

    const meanwhile = await Promise.all([outcomeOf(lookUp("a")), outcomeOf(lookUp("a"))]);
    const askedMeanwhile = [...asked];
    answer("a", "192.0.2.1");
    await turn();
    const after = lookUp("a");
    answer("a", "192.0.2.9");

    expect(meanwhile).toMatchObject([{ code: "EAI_AGAIN" }, { code: "EAI_AGAIN" }]);
    expect(askedMeanwhile).toEqual(["a"]);
    expect(await after).toEqual(["192.0.2.9"]);
  });

  test("keeps its place until it returns, for a thread is held until then", async () => {
    const { lookUp, asked, answer } = open(1, 1);
    await outcomeOf(lookUp("a"));

    const { signal, leave } = asker();
    const kept = outcomeOf(lookUp("b", signal));
    await turn();
    const meanwhile = [...asked];
    leave();
    await kept;
    answer("a", "192.0.2.1");
    await turn();
    const next = lookUp("c");
    answer("c", "192.0.2.3");

    expect(meanwhile).toEqual(["a"]);
    expect(await next).toEqual(["192.0.2.3"]);
  });
});
