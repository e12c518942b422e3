import {
  type AttributeValue,
  DescribeTableCommand,
  ScanCommand,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { Attempt } from "../../domain/attempt.ts";
import { attemptViews } from "../../domain/history.ts";
import type { Message } from "../../domain/message.ts";
import { attemptEntity } from "../../entities/attempt.ts";
import { messageEntity } from "../../entities/message-entity.ts";
import { payloadEntity } from "../../entities/payload.ts";
import type { Storage } from "../../entities/storage.ts";
import { tableDescription } from "../../entities/table.ts";
import type { Found } from "../invariants/events.ts";

type Item = Readonly<Record<string, AttributeValue>>;
type Plain = Readonly<Record<string, unknown>>;

/** A message as it was read, with whether what it needs to be sent is there. */
export type Stored = Found & {
  readonly attempts: readonly Attempt[];
  readonly hasPayload: boolean;
};

export type Page = {
  readonly messages: readonly Stored[];
  /** Of all kinds: what was read, and is paid for. */
  readonly items: number;
  readonly readUnits: number;
  readonly isMore: boolean;
};

const { key } = tableDescription;
/** The name of the library's own attribute that says what kind of item it is. */
const kindField = "__edb_e__";

const plainValueOf = ({ S, N, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValueOf);
  if (M !== undefined) return plainOf(M);
  return S ?? BOOL;
};
const plainOf = (item: Item): Plain =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

/** All that is stored of messages but what was sent: no header, no body, no answer of a target. */
const projection = (storage: Storage) => {
  const entities = [messageEntity(storage), attemptEntity(storage), payloadEntity(storage)];
  const private_ = ["headers", "body", "responseText"];
  const names = entities
    .flatMap(({ schema }) => Object.keys(schema.attributes))
    .filter((name) => !private_.includes(name) && !name.startsWith("__"));
  const wanted = [...new Set([key.pk, kindField, ...names])];
  return {
    ProjectionExpression: wanted.map((_, index) => `#${index}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(wanted.map((name, index) => [`#${index}`, name])),
  };
};

/** What is stored under one idempotency key, as one message. None if it is something else. */
const storedOf = (items: readonly Plain[], at: number): readonly Stored[] => {
  const kindOf = (kind: string) => items.filter((item) => item[kindField] === kind);
  const [message] = kindOf("message") as unknown as readonly [Message?];
  if (!message) return [];
  const attempts = (kindOf("attempt") as unknown as readonly Attempt[]).filter(
    ({ submitId }) => submitId === message.submitId,
  );
  const hasPayload =
    !message.payload ||
    kindOf("payload").some(({ fingerprint }) => fingerprint === message.fingerprint);
  const { senderId, messageId } = message;
  const views = attemptViews(message, attempts);
  const read = { kind: "found", at, key: { senderId, messageId }, message, views } as const;
  return [{ ...read, attempts, hasPayload }];
};

/** About how large a table is; DynamoDB counts it anew every six hours or so. */
export const sizeOf = async ({ client, table }: Storage) => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  return { items: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
};

/** What it costs to read so many bytes by an eventually consistent scan: half a unit for 4 KiB. */
export const readUnitsFor = (bytes: number): number => Math.ceil(bytes / 4096) / 2;

/**
 * Reads all messages of a table, a page at a time, by one Scan. It only reads, and does not even
 * ask for headers, bodies or answers. A partition lies together in a scan, so that the message, its
 * attempts and its payloads come one after the other, if need be over the end of a page.
 */
export const readTable = async function* (
  storage: Storage,
  now: () => number,
  pageItems = 500,
): AsyncGenerator<Page> {
  const { client, table } = storage;
  const wanted = projection(storage);
  let from: ScanCommandOutput["LastEvaluatedKey"];
  let open: Plain[] = [];
  do {
    const page = await client.send(
      new ScanCommand({
        ...{ TableName: table, Limit: pageItems, ExclusiveStartKey: from, ...wanted },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    const messages: Stored[] = [];
    for (const item of (page.Items ?? []).map(plainOf)) {
      if (open.length > 0 && open[0]?.[key.pk] !== item[key.pk]) {
        messages.push(...storedOf(open, now()));
        open = [];
      }
      open.push(item);
    }
    from = page.LastEvaluatedKey;
    if (!from) messages.push(...storedOf(open, now()));
    const readUnits = page.ConsumedCapacity?.CapacityUnits ?? 0;
    yield { messages, items: page.Items?.length ?? 0, readUnits, isMore: from !== undefined };
  } while (from);
};
