import { beforeEach, describe, expect, test } from "@jest/globals";
import { type OnceStore, once } from "../../client/once.ts";

let states: Map<string, "busy" | "done">;
let leases: number[];
let ran: string[];
beforeEach(() => {
  states = new Map();
  leases = [];
  ran = [];
});

const store: OnceStore = {
  putIfAbsent: async (id, leaseMs) => {
    leases.push(leaseMs);
    const found = states.get(id);
    if (found === undefined) states.set(id, "busy");
    return found ?? "put";
  },
  done: async (id) => {
    states.set(id, "done");
  },
  remove: async (id) => {
    states.delete(id);
  },
};
const work = (id: string) => async () => {
  ran.push(id);
  return `did ${id}`;
};

describe("once", () => {
  test("runs the function, and not for a repeat", async () => {
    const first = await once("msg_1", work("msg_1"), store);
    const second = await once("msg_1", work("msg_1"), store);

    expect([first, second]).toEqual([{ kind: "ran", result: "did msg_1" }, { kind: "repeat" }]);
    expect(ran).toEqual(["msg_1"]);
  });

  test("does not run it beside itself, for as long as the lease", async () => {
    const [first, second] = await Promise.all([
      once("msg_1", work("msg_1"), store, { leaseMs: 5000 }),
      once("msg_1", work("msg_1"), store, { leaseMs: 5000 }),
    ]);

    expect([first.kind, second.kind]).toEqual(["ran", "busy"]);
    expect(leases).toEqual([5000, 5000]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no room");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no room"))],
  ])("lets a repeat run what %s, and passes the error on", async (_name, fails) => {
    await expect(once("msg_1", fails, store)).rejects.toThrow("no room");

    expect(await once("msg_1", work("msg_1"), store)).toMatchObject({ kind: "ran" });
  });

  test("passes on the error of the function also where the store fails besides", async () => {
    const failing = { ...store, remove: () => Promise.reject(new Error("store")) };

    const run = once("msg_1", () => Promise.reject(new Error("no room")), failing);

    await expect(run).rejects.toThrow("no room");
  });

  test("keeps the id of what was run and could not be marked: it is not run beside itself", async () => {
    const failing = { ...store, done: () => Promise.reject(new Error("store")) };

    await expect(once("msg_1", work("msg_1"), failing)).rejects.toThrow("store");

    expect(await once("msg_1", work("msg_1"), store)).toEqual({ kind: "busy" });
  });
});
