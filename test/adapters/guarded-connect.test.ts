import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { systemClock } from "../../adapters/clock.ts";
import { connectShareMs, guardedConnector } from "../../adapters/guarded-connect.ts";
import { guardedPost, type Post } from "../../adapters/http.ts";
import type { Resolve } from "../../adapters/target-lookup.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { openDeaf } from "../support/deaf.ts";
import {
  aDelivery,
  fine,
  type HostileServer,
  inChild,
  loopbackOpen,
  openHostile,
  policyOf,
  turn,
} from "../support/hostile.ts";
import { openReceiver } from "../support/receiver.ts";

type Deaf = Awaited<ReturnType<typeof openDeaf>>;

type Case = {
  url: string;
  reason: string;
  expected: "allow" | "reject";
  stage: "url" | "dns" | "redirect";
  dns?: string[];
  dnsSequence?: string[][];
  redirectTo?: string;
  status?: number;
};

const corpus: readonly Case[] = JSON.parse(
  readFileSync(new URL("../cases/target-urls.json", import.meta.url), "utf8"),
);
const rejected = (stage: Case["stage"]) =>
  corpus.filter((each) => each.stage === stage && each.expected === "reject");

/** Answers look-ups in turn, the last one for ever, and keeps the names that it was asked for. */
const resolver = (...answers: readonly (readonly string[])[]) => {
  const asked: string[] = [];
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname);
    return answers[Math.min(asked.length, answers.length) - 1] ?? [];
  };
  return { asked, resolve };
};

const noResolver: Resolve = async (hostname) => {
  throw new Error(`Nobody should have asked for ${hostname}`);
};

const clientOf = (policy: TargetPolicy, resolve: Resolve = noResolver) => {
  const post = guardedPost({ policy, clock: systemClock, resolve });
  return (url: string) => post(aDelivery(url), 5000);
};

const blocked = { kind: "no-answer", class: "target-blocked" };
const answered = { kind: "answered", status: 200 };

/** Every address that any socket of this process set out for. */
let attempts: string[] = [];
/** What is to be called when one sets out. */
let onAttempt: (call: () => void) => void;
/** How long each of those sockets gives one of several addresses. */
let shares: unknown[] = [];
/** Where sockets say that they are connected to, if not the truth. */
let landing: { readonly value: string | undefined } | undefined;
let receiver: HostileServer;

beforeEach(async () => {
  // Each connection is closed, so that the next exchange needs another one.
  receiver = await openHostile((socket) => {
    socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  attempts = [];
  const calls: (() => void)[] = [];
  onAttempt = (call) => calls.push(call);
  shares = [];
  landing = undefined;
  const connect = Socket.prototype.connect as (...given: unknown[]) => Socket;
  jest.spyOn(Socket.prototype, "connect").mockImplementation(function (
    this: Socket,
    ...given: unknown[]
  ) {
    const [options] = given.flat() as [{ readonly autoSelectFamilyAttemptTimeout?: number }];
    shares.push(options.autoSelectFamilyAttemptTimeout);
    this.on("connectionAttempt", (address: string) => {
      attempts.push(address);
      for (const call of calls) call();
    });
    if (landing) Object.defineProperty(this, "remoteAddress", landing);
    return connect.apply(this, given);
  } as never);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.close();
});

const named = (name: string): string => `http://${name}:${receiver.port}/`;

describe("Of the time to connect", () => {
  test.each([
    [10_000, 1, 3000],
    [10_000, 2, 3000],
    [10_000, 3, 3000],
    [10_000, 4, 1500],
    [5000, 2, 1500],
    [1000, 2, 500],
    [100, 2, 250],
    [10_000, 100, 250],
  ])("%d ms for %d addresses give each %d ms", (budgetMs, addresses, share) => {
    expect(connectShareMs(budgetMs, addresses)).toBe(share);
  });

  test("each of two addresses has enough for a lost first packet to be sent again", async () => {
    const { resolve } = resolver(["127.0.0.1", "127.0.0.2"]);
    const post = guardedPost({ policy: loopbackOpen, clock: () => 0, resolve });

    await post(aDelivery(named("shop.example")), 15_000);
    await post(aDelivery(named("shop.example")), 1500);

    expect(shares).toEqual([3000, 500]);
  });

  test("each has a share of what the look-up has left", async () => {
    let now = 0;
    const resolve: Resolve = async () => {
      now += 13_500;
      return ["127.0.0.1", "127.0.0.2"];
    };
    const post = guardedPost({ policy: loopbackOpen, clock: () => now, resolve });

    await post(aDelivery(named("shop.example")), 15_000);

    expect(shares).toEqual([500]);
  });

  describe("for two addresses, of which the first loses the first packet,", () => {
    let first: Deaf;
    let post: Post;
    beforeEach(async () => {
      first = await openDeaf("127.0.0.2");
      const { resolve } = resolver(["127.0.0.2", "127.0.0.3"]);
      attempts = [];
      post = guardedPost({ policy: loopbackOpen, clock: systemClock, resolve });
    });
    afterEach(() => first.close());

    test("the first has enough to send it again", async () => {
      const second = await openDeaf("127.0.0.3", first.port);
      attempts = [];
      const lost = new Promise<void>((resume) => onAttempt(() => setImmediate(resume)));

      const exchange = post(aDelivery(`http://shop.example:${first.port}/`), 20_000);
      await lost;
      first.hear();
      const { kind } = await exchange;
      await second.close();

      expect([kind, attempts]).toEqual(["answered", ["127.0.0.2"]]);
    });

    test("the second is tried while there is time for it", async () => {
      const second = await openHostile(fine, { host: "127.0.0.3", port: first.port });

      const { kind } = await post(aDelivery(`http://shop.example:${first.port}/`), 20_000);
      await second.close();

      expect([kind, attempts]).toEqual(["answered", ["127.0.0.2", "127.0.0.3"]]);
    });
  });
});

describe("A name", () => {
  test("is connected to at the address that it stands for", async () => {
    const { resolve, asked } = resolver(["127.0.0.1"]);

    expect(await clientOf(loopbackOpen, resolve)(named("shop.example"))).toMatchObject(answered);
    expect(asked).toEqual(["shop.example"]);
    expect(attempts).toEqual(["127.0.0.1"]);
  });

  test.each([
    ["first", ["10.0.0.1", "127.0.0.1", "127.0.0.2"]],
    ["in the middle", ["127.0.0.1", "10.0.0.1", "127.0.0.2"]],
    ["last", ["127.0.0.1", "127.0.0.2", "10.0.0.1"]],
    ["the only one", ["10.0.0.1"]],
    ["one of many of its kind", ["10.0.0.1", "192.168.0.1", "fd00::1"]],
    ["IPv6 beside IPv4", ["127.0.0.1", "fe80::1"]],
    ["not an address at all", ["127.0.0.1", "elsewhere.example"]],
    ["of a zone", ["fe80::1%eth0"]],
  ])("is refused if one of its addresses is forbidden: %s", async (_which, addresses) => {
    const { resolve } = resolver(addresses);

    expect(await clientOf(loopbackOpen, resolve)(named("shop.example"))).toMatchObject(blocked);
    expect(attempts).toEqual([]);
  });

  test("without an address is a fault of the name", async () => {
    const exchange = await clientOf(loopbackOpen, resolver([]).resolve)(named("shop.example"));

    expect(exchange).toMatchObject({ kind: "no-answer", class: "dns" });
  });

  test.each(["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA"])(
    "a name that is unknown, or not available now (%s), is a dns failure",
    async (code) => {
      const resolve: Resolve = async () => {
        throw Object.assign(new Error("getaddrinfo"), { code });
      };

      const exchange = await clientOf(loopbackOpen, resolve)(named("shop.example"));

      expect(exchange).toMatchObject({ kind: "no-answer", class: "dns" });
    },
  );

  test("is asked for once for each attempt: no second look-up says something else", async () => {
    const elsewhere = await openHostile(fine, { host: "127.0.0.2", port: receiver.port });
    const { resolve, asked } = resolver(["127.0.0.2"], ["127.0.0.1"]);

    const exchange = await clientOf(loopbackOpen, resolve)(named("shop.example"));
    const connections = [receiver.connections(), elsewhere.connections()];
    await elsewhere.close();

    expect(exchange).toMatchObject(answered);
    expect(asked).toHaveLength(1);
    expect(connections).toEqual([0, 1]);
  });

  test("is asked for anew by the next attempt, and refused if it was bound elsewhere", async () => {
    const { resolve, asked } = resolver(["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]);
    const post = clientOf(loopbackOpen, resolve);

    expect(await post(named("shop.example"))).toMatchObject(answered);
    expect(await post(named("shop.example"))).toMatchObject(blocked);
    expect(attempts).toEqual(["127.0.0.1"]);
    expect(await post(named("shop.example"))).toMatchObject(answered);
    expect(asked).toHaveLength(3);
    expect(receiver.requests).toHaveLength(2);
  });

  describe("whose connection is kept", () => {
    const twice = async (...answers: readonly (readonly string[])[]) => {
      const keeping = await openHostile(fine);
      const { resolve, asked } = resolver(...answers);
      const post = clientOf(loopbackOpen, resolve);
      const url = `http://shop.example:${keeping.port}/`;
      const first = await post(url);
      await turn();
      const second = await post(url);
      const { requests } = keeping;
      const connections = keeping.connections();
      await keeping.close();
      return { exchanges: [first, second], asked, requests, connections };
    };

    test("is asked for anew all the same, and used if it is permitted still", async () => {
      const { exchanges, asked, connections } = await twice(["127.0.0.1"]);

      expect(exchanges).toMatchObject([answered, answered]);
      expect([asked.length, connections]).toEqual([2, 1]);
    });

    test("is sent nothing more once it has been bound to a forbidden address", async () => {
      const { exchanges, asked, requests } = await twice(["127.0.0.1"], ["10.0.0.1"]);

      expect(exchanges).toMatchObject([answered, blocked]);
      expect([asked.length, requests.length]).toEqual([2, 1]);
    });
  });

  test("localhost is loopback, without a look-up", async () => {
    const post = clientOf(loopbackOpen);

    for (const name of ["localhost", "LOCALHOST", "localhost.", "shop.localhost"])
      expect(await post(named(name))).toMatchObject(answered);
    expect(attempts).toEqual(Array(4).fill("127.0.0.1"));
  });

  test("tells nobody what it stands for when it is refused", async () => {
    const { resolve } = resolver(["127.0.0.1", "10.11.12.13"]);

    const exchange = await clientOf(loopbackOpen, resolve)(named("shop.example"));
    const [error] = await connectTo("shop.example", loopbackOpen, resolve);

    expect(exchange).toEqual({
      ...blocked,
      durationMs: expect.any(Number),
      timings: { dnsMs: expect.any(Number) },
    });
    expect(error).toMatchObject({ name: "BlockedTarget", message: "" });
    expect(error?.cause).toBeUndefined();
    expect(`${JSON.stringify(error)}${error?.stack}`).not.toMatch(/shop\.example|10\.11|127\.0/);
  });
});

/** What a connection by the guard alone comes to, without the rules for URLs before it. */
const connectTo = (
  hostname: string,
  policy: TargetPolicy,
  resolve: Resolve = noResolver,
  protocol = "http:",
): Promise<readonly [Error | null, Socket | null]> =>
  new Promise((settle) => {
    const connect = guardedConnector({ policy, resolve, clock: systemClock });
    const host = `${hostname}:${receiver.port}`;
    connect({ hostname, host, protocol, port: String(receiver.port) }, (...[error, socket]) => {
      socket?.destroy();
      settle([error, socket]);
    });
  });

describe("A literal address", () => {
  test.each([
    ...["127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "169.254.169.254", "192.168.1.1"],
    ...["::1", "[::1]", "::", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "::127.0.0.1", "fe80::1"],
    ...["64:ff9b::7f00:1", "2002:7f00:1::", "fd00:ec2::254"],
    ...["localhost", "localhost.", "shop.localhost"],
  ])("%s does not come past the guard, though nothing looks it up", async (hostname) => {
    const nothing = policyOf("always");

    for (const protocol of ["http:", "https:"]) {
      const [error, socket] = await connectTo(hostname, nothing, noResolver, protocol);
      expect([error?.name, socket]).toEqual(["BlockedTarget", null]);
    }
    expect(attempts).toEqual([]);
  });

  test("is connected to if the operator allows it", async () => {
    const [error, socket] = await connectTo("127.0.0.1", loopbackOpen);

    expect([error, socket]).toEqual([null, expect.any(Socket)]);
    expect(attempts).toEqual(["127.0.0.1"]);
  });
});

describe("A connection that was made", () => {
  test("is closed unused if it did not lead where it should", async () => {
    landing = { value: "10.0.0.1" };

    const exchange = await clientOf(loopbackOpen)(receiver.url);
    await receiver.quiet();

    expect(exchange).toMatchObject(blocked);
    expect(receiver.requests).toEqual([]);
  });

  test("a closed connection is not a forbidden address: it is retried", async () => {
    landing = { value: undefined };

    const exchange = await clientOf(loopbackOpen)(receiver.url);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "reset" });
    expect(receiver.requests).toEqual([]);
  });
});

describe("Plain http", () => {
  const { resolve } = resolver(["127.0.0.1"]);

  test.each([
    { http: "never", literal: blocked, name: blocked },
    { http: "allowed-ranges", literal: answered, name: blocked },
    { http: "always", literal: answered, name: answered },
  ] as const)("by the policy $http", async ({ http, literal, name }) => {
    const post = clientOf(policyOf(http, "127.0.0.0/8"), resolve);

    expect(await post(receiver.url)).toMatchObject(literal);
    expect(await post(named("localhost"))).toMatchObject(literal);
    expect(await post(named("shop.example"))).toMatchObject(name);
  });

  test.each([
    { http: "never", allowed: "127.0.0.0/8", error: "BlockedTarget" },
    { http: "allowed-ranges", allowed: "10.0.0.0/8", error: "BlockedTarget" },
    { http: "allowed-ranges", allowed: "127.0.0.0/8", error: undefined },
    { http: "always", allowed: "10.0.0.0/8", error: "BlockedTarget" },
  ] as const)(
    "to 127.0.0.1 by the policy $http and $allowed, at the connection: $error",
    async ({ http, allowed, error }) => {
      const policy = policyOf(http, allowed);

      const [ofLiteral] = await connectTo("127.0.0.1", policy);
      const [ofName] = await connectTo("shop.example", policy, resolve);

      expect([ofLiteral?.name, ofName?.name]).toEqual([error, error]);
    },
  );

  test("goes to no public address by the policy allowed-ranges", async () => {
    const [error] = await connectTo("198.41.0.4", policyOf("allowed-ranges", "127.0.0.0/8"));

    expect(error?.name).toBe("BlockedTarget");
    expect(attempts).toEqual([]);
  });
});

describe("The corpus, nothing being allowed", () => {
  const nothing = policyOf("always");

  test.each(rejected("url"))("refuses $url, $reason", async ({ url }) => {
    expect(await clientOf(nothing)(url)).toMatchObject(blocked);
    expect(Socket.prototype.connect).not.toHaveBeenCalled();
  });

  // Of a sequence the last look-up is the one that counts; those before it would be permitted.
  test.each(rejected("dns"))("refuses the addresses of $url, $reason", async (each) => {
    const addresses = each.dnsSequence?.at(-1) ?? each.dns ?? [];
    const { resolve, asked } = resolver(addresses);

    const exchange = await clientOf(nothing, resolve)(each.url);

    const silence = addresses.length === 0 ? "dns" : "target-blocked";
    expect(exchange).toMatchObject({ kind: "no-answer", class: silence });
    expect(asked).toHaveLength(1);
    expect(attempts).toEqual([]);
  });

  test.each(rejected("redirect"))(
    "follows no redirect, $reason",
    async ({ redirectTo, status }) => {
      const redirecting = await openReceiver(() => ({
        status: status ?? 302,
        headers: { location: redirectTo ?? "" },
      }));

      const exchange = await clientOf(loopbackOpen)(redirecting.url);
      redirecting.close();

      expect(exchange).toMatchObject({ kind: "answered", status });
      expect(redirecting.seen).toHaveLength(1);
      expect(attempts).toEqual(["127.0.0.1"]);
    },
  );
});

test("A proxy in the environment is not used", async () => {
  const proxy = await openHostile(fine);

  const exchange = await inChild(
    `
    import { guardedPost } from "./adapters/http.ts";
    import { aDelivery, loopbackOpen } from "./test/support/hostile.ts";
    const resolve = async () => ["127.0.0.1"];
    const post = guardedPost({ policy: loopbackOpen, clock: () => 0, resolve });
    console.log(JSON.stringify(await post(aDelivery("${named("shop.example")}"), 5000)));
    `,
    {
      ...{ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url, NO_PROXY: "" },
      ...{ http_proxy: proxy.url, https_proxy: proxy.url, NODE_USE_ENV_PROXY: "1" },
    },
  );
  const connections = proxy.connections();
  await proxy.close();

  expect(exchange).toMatchObject(answered);
  expect([receiver.requests.length, connections]).toEqual([1, 0]);
});
