/**
 * What a sender entrusts to us shows up nowhere but at its target: neither in the log, nor in what
 * is logged of an error, nor in a problem. Whatever the request looks like, and whatever fails.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { failureFields } from "../../../adapters/failure.ts";
import { formatApiKey } from "../../../domain/api-key.ts";
import { awsError, type Fault } from "../../support/faults.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterAll(() => receiver.close());

/** Nothing else contains it; short enough to be quoted whole by a parser that stumbles over it. */
const canary = "Kanari7x";
const inBase64 = Buffer.from(`${canary}\u00ff`, "latin1").toString("base64");

/** The texts by which the canary would be known in a log or in an answer. */
const traces = [
  canary,
  inBase64.slice(0, 10),
  Buffer.from(canary).join(),
  Buffer.from(canary).toString("hex"),
];

type Carrier = readonly [member: string, value: unknown];

/** Ways in which a valid message carries the canary. */
const valid: readonly Carrier[] = [
  ["targetUrl", `%RECEIVER%/${canary}?q=${canary}#${canary}`],
  ["headers", { "X-A": canary, authorization: `Bearer ${canary}` }],
  ["body", canary],
  ["body", { a: [canary] }],
  ["body", `${canary}${"x".repeat(3000)}`],
  ["bodyBase64", inBase64],
];

/** Ways in which a message carries it that is not valid, member by member. */
const notValid: readonly Carrier[] = [
  ["messageId", `${canary} #`],
  ["messageId", [canary]],
  ["senderId", `${canary}/`],
  ["senderId", { a: canary }],
  ["timestamp", canary],
  ["timestamp", `2026-03-01T12:00:00Z${canary}`],
  ["targetUrl", `https://${canary}:${canary}@example.com/?${canary}`],
  ["targetUrl", `https://10.0.0.1/${canary}?q=${canary}`],
  ["targetUrl", `https://example.com:0x/${canary}`],
  ["targetUrl", `https://example.com\\${canary}`],
  ["targetUrl", `${canary}://x`],
  ["targetUrl", [canary]],
  ["method", canary],
  ["headers", { host: canary, "x y": canary, "x-a": `${canary}\u0000`, "x-b": { a: canary } }],
  ["headers", [canary]],
  ["headers", canary],
  ["body", { a: [canary, { b: `${canary}\ud800` }] }],
  ["body", `${canary}${"x".repeat(300_000)}`],
  ["bodyBase64", `${canary}!`],
  ["bodyBase64", [canary]],
  ["deliverAt", canary],
  ["giveUpAt", canary],
  ["retry", { maxAttempts: canary, schedule: [canary] }],
  ["retry", canary],
  ["timeoutMs", canary],
  ["retentionDays", [canary]],
];

const carriers = fc
  .uniqueArray(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...valid) },
      { weight: 1, arbitrary: fc.constantFrom(...notValid) },
    ),
    { selector: ([member]) => member, maxLength: 3 },
  )
  .map((chosen): Record<string, unknown> => Object.fromEntries(chosen));

const theirKey = formatApiKey(Buffer.from(canary.padEnd(32, "x")));
const authorizations = () => [
  ...Array(6).fill(`Bearer ${service.apiKey}`),
  `Bearer ${theirKey}`,
  `Bearer prk_${canary}`,
  `Basic ${canary}`,
];

/** What may happen to the text of a request on its way. */
const damages: readonly ((text: string, at: number) => string)[] = [
  ...Array(5).fill((text: string) => text),
  (text, at) => text.slice(0, at % text.length),
  // A control character is JSON nowhere, so that this is never a name or an id.
  (text, at) => `${text.slice(0, at % text.length)}\u0001${canary}${text.slice(at % text.length)}`,
];

const fault: fc.Arbitrary<Fault | undefined> = fc.option(
  fc.record({
    command: fc.constantFrom(
      "PutItem",
      "UpdateItem",
      "GetItem",
      "SendMessage",
      "SendMessageBatch",
      "Query",
    ),
    when: fc.constantFrom("before", "after"),
    error: fc.constantFrom(
      awsError("AccessDeniedException"),
      awsError("InternalServerError", 500),
      Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      new TypeError(`Cannot make anything of ${canary}`),
    ),
    times: fc.constantFrom(1, 20),
  }),
  { nil: undefined },
);

const answers: readonly Answer[] = [
  { status: 200 },
  { status: 410 },
  { status: 503, headers: { "content-type": "text/plain" }, body: canary },
];

/** Everything that was logged since, as it is written out. */
const loggedSince = (lines: number, failures: number): string =>
  JSON.stringify([
    service.lines.slice(lines),
    service.failures.slice(failures).map(({ what, error }) => [what, failureFields(error)]),
  ]);

const expectNoTrace = (text: string, secrets: readonly string[]): void => {
  for (const secret of secrets) expect(text).not.toContain(secret);
};

test("A key, a body, a header's value and a target's path and query leave no trace", async () => {
  await fc.assert(
    fc.asyncProperty(
      carriers,
      fc.nat(8),
      fc.constantFrom(...damages),
      fc.nat(),
      fault,
      fc.constantFrom(...answers),
      fc.boolean(),
      async (carried, which, damage, at, planned, answered, isBatch) => {
        const [lines, failures] = [service.lines.length, service.failures.length];
        ids += 1;
        const messageId = `secret-${ids}`;
        const request = aRequest({ messageId, ...carried });
        if ("bodyBase64" in carried && !("body" in carried)) request.body = undefined as never;
        const asked = isBatch ? { messages: [request] } : request;
        const text = JSON.stringify(asked).replaceAll("%RECEIVER%", receiver.url);
        answer = answered;
        if (planned) service.faults.inject(planned);

        const path = isBatch ? "/v1/messages/batch" : "/v1/messages";
        const submitted = await service.request(path, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            authorization: authorizations()[which] ?? "",
          },
          body: damage(text, at),
        });
        await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
        const read = await service.request(`/v1/messages/${messageId}`);
        const attempts = await service.request(`/v1/messages/${messageId}/attempts`);
        service.faults.clear();

        const secrets = [...traces, service.apiKey, service.apiKey.slice(4), theirKey.slice(4)];
        expectNoTrace(loggedSince(lines, failures), secrets);
        for (const { status, headers, text: shown } of [submitted, read, attempts])
          if (status >= 400 || shown.includes('"problem"'))
            expectNoTrace([...headers].join() + shown, secrets);
      },
    ),
    { numRuns: 200 },
  );
});

test("The canary would be seen: what is delivered carries it", async () => {
  answer = { status: 200 };
  const message = {
    messageId: "seen",
    targetUrl: `${receiver.url}/${canary}?q=${canary}`,
    headers: { "x-a": canary },
    body: canary,
  };

  await service.submit(aRequest(message));
  await service.work({ v: 1, senderId: "shop", messageId: "seen", attempt: 1 });

  const [seen] = receiver.of("seen");
  expect([seen?.path, seen?.headers["x-a"], seen?.body.toString()]).toEqual([
    `/${canary}?q=${canary}`,
    canary,
    canary,
  ]);
});

test.each([
  ["a name in the path of an issue", { [canary]: 1 }],
  ["a header's name", { headers: { [canary]: 1 } }],
])("What is named so that a fault is found stays out of the log: %s", async (_name, given) => {
  const [lines, failures] = [service.lines.length, service.failures.length];

  const { status, text } = await service.submit(aRequest({ messageId: "named", ...given }));

  expect(status).toBe(400);
  expect(text).toContain(canary);
  expectNoTrace(loggedSince(lines, failures), traces);
});
