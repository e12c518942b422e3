import type { Leeway } from "./leeway.ts";
import type { MemoryQueue } from "./queue.ts";
import type { Tape } from "./tape.ts";
import type { World } from "./world.ts";

export const tableName = "postrider";
export const queueUrl = "http://simulated.invalid/000000000000/postrider";

/** What a run has outside of the product, besides the table. */
export type Outside = {
  readonly world: Pick<World, "ask" | "happens">;
  readonly tape: Pick<Tape, "choose" | "pick">;
  readonly queue: Pick<MemoryQueue, "call">;
  /** How many entries of the due index are a page at most: DynamoDB may end one early. */
  readonly pageMax: number;
};

/**
 * The run that is going on. The clients, and what is described over them, are made once: that
 * takes longer than a whole run. So one process makes one run at a time.
 */
let outside: Outside | undefined;
export const enter = (run: Outside): void => {
  outside = run;
};
export const entered = (): Outside => {
  if (!outside) throw new Error("No run is going on");
  return outside;
};

/** An outside in which nothing breaks, and every call is answered at once. It has no queue. */
export const undisturbed: Outside = {
  world: {
    ask: async ({ perform }) => {
      const { promise, resolve } = Promise.withResolvers<never>();
      perform((answer) => resolve(answer as never));
      return promise;
    },
    happens: () => false,
  },
  tape: { choose: () => 0, pick: ([first]) => first as never },
  queue: {
    call: () => {
      throw new Error("There is no queue");
    },
  },
  pageMax: Number.POSITIVE_INFINITY,
};

/** One request to the table, whoever carries it: all that befalls it is drawn from this. */
export type TableRequest = {
  readonly operation: string;
  /** Which kind of item it writes or reads, and which one. */
  readonly kind?: string;
  readonly pk?: string;
  readonly sk?: string;
  readonly index?: string;
  /** What it reads may be old, as that of an index always may. */
  readonly isOldAllowed: boolean;
  /** It asks for the item that stands in its way. */
  readonly isOldItemAsked: boolean;
  /** How many keys a batch has. */
  readonly keys?: number;
};

/** A request in the words of the story: of which kind of item, and of which. */
export const nameOf = ({ operation, kind, pk, sk, index }: TableRequest): string => {
  if (operation === "PutItem") return `${operation} ${kind ?? "item"}`;
  if (operation === "Query") return `${operation} ${index ?? "history"}`;
  if (operation !== "GetItem") return operation;
  const [, read] = /^\$history#([a-z]+)_/.exec(String(sk)) ?? [];
  return `${operation} ${read ?? (pk?.includes("#hash_") ? "api key" : "sender")}`;
};
export const aboutOf = ({ operation, pk }: TableRequest): string => {
  if (operation === "Query" || pk === undefined) return "";
  const [, id = ""] = /messageid_([^#]+)/i.exec(pk) ?? [];
  return id;
};

/** What is sent to the queue, in the words of the story. */
export const aboutSent = (
  entries: readonly { readonly MessageBody: string; readonly DelaySeconds?: number }[],
): string =>
  entries
    .map(({ MessageBody, DelaySeconds }) => {
      const { messageId, attempt } = JSON.parse(MessageBody) as {
        messageId: string;
        attempt: number;
      };
      return `${messageId} attempt ${attempt}${DelaySeconds ? ` in ${DelaySeconds} s` : ""}`;
    })
    .join(", ");

/** How far an index is behind: mostly not at all, now and then minutes. */
const indexLagsMs = [1000, 60_000, 10 * 60_000] as const;
/** How old an item may be that is read without asking for consistency. */
const staleMsMax = 1000;

/** How old what this request reads may be. Only what may be old takes a number of the tape. */
const staleMsOf = ({ world, tape }: Outside, request: TableRequest): number => {
  if (request.index !== undefined)
    return world.happens("index-behind", request.operation)
      ? 1 + tape.choose(tape.pick(indexLagsMs))
      : 0;
  // No fault: it is what was asked for.
  return request.isOldAllowed && tape.choose(2) === 1 ? 1 + tape.choose(staleMsMax) : 0;
};

/** Draws how the table answers a request where DynamoDB leaves it open. */
export const leewayFor = (run: Outside, request: TableRequest): Leeway => {
  const { world, tape } = run;
  const { operation, keys } = request;
  const staleMs = staleMsOf(run, request);
  const isWithheld = request.isOldItemAsked && world.happens("old-item-withheld", operation);
  const isCut = keys !== undefined && world.happens("keys-unprocessed", operation);
  return {
    staleMs,
    isOldItemShown: !isWithheld,
    ...(isCut && { keysRead: tape.choose(keys) }),
  };
};

/** The pause between two tries of a client: it takes of the time that an invocation has. */
export const pause = (msMax: number): Promise<void> => {
  const { world, tape } = entered();
  const ms = tape.choose(msMax);
  return world.ask<void>({
    port: "sleep",
    name: "pause",
    about: `${ms} ms before the call is repeated`,
    perform: (finish) => finish(undefined, Math.max(1, ms)),
    lost: () => ({ answer: undefined }),
  });
};
