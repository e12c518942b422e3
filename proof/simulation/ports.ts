import {
  type Call,
  type Carrier,
  carriedClients,
  connectionLost,
  internalError,
  throttled,
} from "./clients.ts";
import type { MemoryQueue } from "./queue.ts";
import type { Answer, Item, MemoryTable } from "./table.ts";
import type { Tape } from "./tape.ts";
import type { World } from "./world.ts";

export const tableName = "postrider";
export const queueUrl = "http://simulated.invalid/000000000000/postrider";

/** What a run has outside of the product. */
export type Outside = {
  readonly world: World;
  readonly tape: Tape;
  readonly table: MemoryTable;
  readonly queue: MemoryQueue;
  /** How many entries of the due index are a page at most. */
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
const entered = (): Outside => {
  if (!outside) throw new Error("No run is going on");
  return outside;
};

const kindOf = (item: Item | undefined): string => String(item?.["__edb_e__"]?.["S"] ?? "item");

/** A call in the words of the story: of which kind of item, and of which. */
const nameOf = ({ operation, input }: Call): string => {
  if (operation === "PutItem") return `${operation} ${kindOf(input["Item"] as Item)}`;
  if (operation === "Query") return `${operation} ${input["IndexName"] ?? "history"}`;
  if (operation !== "GetItem") return operation;
  const { pk, sk } = input["Key"] as Item;
  const [, kind] = /^\$history#([a-z]+)_/.exec(String(sk?.["S"])) ?? [];
  return `${operation} ${kind ?? (String(pk?.["S"]).includes("#hash_") ? "api key" : "sender")}`;
};
const aboutOf = ({ operation, input }: Call): string => {
  if (operation.startsWith("SendMessage")) {
    const entries = (input["Entries"] ?? [input]) as readonly {
      MessageBody: string;
      DelaySeconds?: number;
    }[];
    return entries
      .map(({ MessageBody, DelaySeconds }) => {
        const { messageId, attempt } = JSON.parse(MessageBody) as {
          messageId: string;
          attempt: number;
        };
        return `${messageId} attempt ${attempt}${DelaySeconds ? ` in ${DelaySeconds} s` : ""}`;
      })
      .join(", ");
  }
  const key = (input["Key"] ?? input["Item"]) as Item | undefined;
  const [, id = ""] = /messageid_([^#]+)/i.exec(String(key?.["pk"]?.["S"])) ?? [];
  return id;
};

/** How far an index is behind: mostly not at all, now and then minutes. */
const indexLagsMs = [1000, 60_000, 10 * 60_000] as const;
/** How old an item may be that is read without asking for consistency. */
const staleMsMax = 1000;

/** How old what this call reads may be. Only what may be old takes a number of the tape. */
const staleMsOf = ({ world, tape }: Outside, { operation, input }: Call): number => {
  const isRead = ["GetItem", "BatchGetItem", "Query"].includes(operation);
  if (operation === "Query" && input["IndexName"] !== undefined)
    return world.happens("index-behind", operation) ? 1 + tape.choose(tape.pick(indexLagsMs)) : 0;
  // No fault: it is what was asked for.
  return isRead && !isConsistent(input) && tape.choose(2) === 1 ? 1 + tape.choose(staleMsMax) : 0;
};
const isConsistent = (input: Call["input"]): boolean =>
  [input, ...Object.values(Object(input["RequestItems"]))].some(
    (asked) => (asked as { ConsistentRead?: boolean }).ConsistentRead === true,
  );

/** DynamoDB may end a page before the limit that was asked for. */
const paged = ({ operation, input }: Call, pageMax: number): Call["input"] =>
  operation === "Query" && input["IndexName"] === "due"
    ? { ...input, Limit: Math.min(Number(input["Limit"]), pageMax) }
    : input;

const callTable = (run: Outside, call: Call): Answer => {
  const { world, tape, table, pageMax } = run;
  const { operation } = call;
  const input = paged(call, pageMax);
  const isConditional = input["ReturnValuesOnConditionCheckFailure"] !== undefined;
  const answer = table.call(operation, input, {
    staleMs: staleMsOf(run, call),
    isOldItemShown: !(isConditional && world.happens("old-item-withheld", operation)),
  });
  if (operation !== "BatchGetItem" || !world.happens("keys-unprocessed", operation)) return answer;
  // DynamoDB may leave some of a batch for later, and says which.
  const [[name, asked]] = Object.entries(input["RequestItems"] as object) as [
    [string, { Keys: Item[] }],
  ];
  const left = asked.Keys.slice(tape.choose(asked.Keys.length));
  const keys = left.map(({ pk }) => pk?.["S"]);
  const { Responses } = answer.body as { Responses: Record<string, readonly Item[]> };
  const found = (Responses[name] ?? []).filter(({ pk }) => !keys.includes(pk?.["S"]));
  return {
    status: 200,
    body: { Responses: { [name]: found }, UnprocessedKeys: { [name]: { ...asked, Keys: left } } },
  };
};

const callQueue = ({ world, queue }: Outside, { operation, input }: Call): Answer =>
  queue.call(operation, input, () => world.happens("entry-failed", operation));

const carry: Carrier = (call) => {
  const run = entered();
  return run.world.ask<Answer>({
    port: call.service,
    name: nameOf(call),
    about: aboutOf(call),
    perform: (finish) =>
      finish(call.service === "table" ? callTable(run, call) : callQueue(run, call)),
    lost: () => ({ error: connectionLost() }),
    throttled: () => throttled(call.service),
    failed: () => internalError(call.service),
  });
};

/** The pause between two tries of the SDK: it takes of the time that an invocation has. */
const pause = (msMax: number): Promise<void> => {
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

/** The product's clients of table and queue. */
export const clients = carriedClients(carry, pause);
