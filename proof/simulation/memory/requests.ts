import { pauseMsMax, triesMax } from "../clients.ts";
import { connectionLost, errorOf, internalError, throttled } from "../failures.ts";
import type { Leeway } from "../leeway.ts";
import {
  aboutOf,
  aboutSent,
  entered,
  leewayFor,
  nameOf,
  type Outside,
  pause,
  type TableRequest,
} from "../outside.ts";
import type { Answer } from "../table.ts";
import type { PlainTable } from "./table.ts";

/** The table of the run that is going on. */
let table: PlainTable | undefined;
export const enterTable = (own: PlainTable): void => {
  table = own;
};

/** What came of one try: a value, or an error that is repeated after a pause of so long at most. */
type Reply<Value> =
  | { readonly value: Value }
  | { readonly error: () => Error; readonly pauseMs: number };

const lost = { answer: { error: connectionLost, pauseMs: pauseMsMax.TRANSIENT } } as const;
const refused = (answer: Answer, pauseMs: number) => ({ error: () => errorOf(answer), pauseMs });

const failing = (service: "table" | "queue") => {
  const [busy, unwell] = [throttled(service), internalError(service)];
  return {
    port: service,
    lost: () => lost,
    throttled: () => refused(busy, pauseMsMax.THROTTLING),
    failed: () => refused(unwell, pauseMsMax.TRANSIENT),
  } as const;
};
const ofTable = failing("table");
const ofQueue = failing("queue");

/** Asks until there is an answer, as often and as late as the client of the SDK would. */
const repeatedly = async <Value>(ask: () => Promise<Reply<Value>>): Promise<Value> => {
  for (let tries = 0; ; tries += 1) {
    const reply = await ask();
    if ("value" in reply) return reply.value;
    if (tries === triesMax - 1) throw reply.error();
    await pause(reply.pauseMs * 2 ** tries);
  }
};

/** Makes one request to the table: everything that can befall one of the SDK befalls it. */
export const requestOfTable = <Value>(
  request: TableRequest,
  perform: (table: PlainTable, leeway: Leeway, run: Outside) => Value,
): Promise<Value> => {
  const run = entered();
  if (!table) throw new Error("No run over this table is going on");
  const own = table;
  const asked = {
    ...ofTable,
    ...{ name: nameOf(request), about: aboutOf(request), sk: request.sk },
    perform: (finish: (reply: Reply<Value>) => void) =>
      finish({ value: perform(own, leewayFor(run, request), run) }),
  };
  return repeatedly(() => run.world.ask<Reply<Value>>(asked));
};

type Sent = { readonly MessageBody: string; readonly DelaySeconds?: number };

/** Sends one record, or a batch of them. */
export const requestOfQueue = (operation: string, input: object): Promise<object> => {
  const run = entered();
  const { Entries } = input as { readonly Entries?: readonly Sent[] };
  const asked = {
    ...ofQueue,
    name: operation,
    about: aboutSent(Entries ?? [input as Sent]),
    perform: (finish: (reply: Reply<object>) => void) => {
      const fails = () => run.world.happens("entry-failed", operation);
      finish({ value: run.queue.call(operation, input, fails).body });
    },
  };
  return repeatedly(() => run.world.ask<Reply<object>>(asked));
};
