import { DescribeTableCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createConversions } from "electrodb";
import type { StoredHistory, StoredItem } from "../domain/audit-rule.ts";
import { idOfKey } from "../domain/ids.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { apiKeyEntity } from "./api-key.ts";
import { attemptEntity } from "./attempt.ts";
import { messageEntity } from "./message-entity.ts";
import { payloadEntity } from "./payload.ts";
import { type Item, kindFields, kindOf, plainOf } from "./raw-item.ts";
import { senderEntity } from "./sender.ts";
import { given, type Storage, stored } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** Some of the messages of a table, each with what belongs to it. */
export type StoredPage = {
  readonly histories: readonly StoredHistory[];
  /** Of all kinds: what was read, and is paid for. */
  readonly items: number;
  readonly readUnits: number;
  readonly isMore: boolean;
};

/** The items of a table as they are, also where no entity could read them. */
export type StoredItems = {
  /** About how large the table is; DynamoDB counts it anew every six hours or so. */
  readonly size: () => Promise<{ readonly items: number; readonly bytes: number }>;
  /**
   * Reads one of so many segments, a page at a time, by eventually consistent scans. A partition
   * lies together in a scan, so that a message, its attempts and its payload come one after the
   * other, if need be over the end of a page. Holds one page and one message at a time.
   */
  readonly scan: (ask: {
    readonly segment: number;
    readonly segments: number;
    readonly pageItems: number;
  }) => AsyncGenerator<StoredPage>;
  /** Reads once more, consistently, what is stored under one key. */
  readonly again: (key: MessageKey) => Promise<StoredPage>;
};

const { key, indexes } = tableDescription;
type ToKeys = (composite: object) => Fields;

const kindsOf = (storage: Storage) => {
  const [message, attempt, payload] = [
    messageEntity(storage),
    attemptEntity(storage),
    payloadEntity(storage),
  ];
  const keys = {
    message: createConversions(message).byAccessPattern.primary.fromComposite.toKeys,
    attempt: createConversions(attempt).byAccessPattern.primary.fromComposite.toKeys,
    payload: createConversions(payload).byAccessPattern.primary.fromComposite.toKeys,
  } as Readonly<Record<"message" | "attempt" | "payload", ToKeys>>;
  const { bySender, primary } = createConversions(message).byAccessPattern;
  const attributes = [message, attempt, payload, senderEntity(storage), apiKeyEntity(storage)]
    .flatMap(({ schema }) => Object.keys(schema.attributes))
    // What a target answered is no part of what is judged, and so is not even read.
    .filter((name) => name !== "responseText");
  return {
    keysOf: keys,
    listedAs: bySender.fromComposite.toKeys as ToKeys,
    idsIn: primary.fromKeys.toComposite as (keys: object) => MessageKey,
    messageSortKey: keys.message({ senderId: "any", messageId: "any" })[key.sk],
    partitionOf: (ids: MessageKey) => String(keys.message(stored(ids))[key.pk]),
    attributes: [
      ...new Set([key.pk, key.sk, indexes.bySender.pk, indexes.bySender.sk, ...attributes]),
      ...Object.values(kindFields),
    ],
  };
};
type Kinds = ReturnType<typeof kindsOf>;

const projectionOf = ({ attributes }: Kinds) => {
  const wanted = [...new Set(attributes)];
  return {
    ProjectionExpression: wanted.map((_, index) => `#${index}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(wanted.map((name, index) => [`#${index}`, name])),
  };
};

/** The ids that a key is made of; nothing if it is not the key of a message. */
const idsIn = ({ idsIn, messageSortKey }: Kinds, item: Fields): MessageKey | undefined => {
  try {
    // Attempts come first in a partition; the ids are in the part of the key that all have.
    const { senderId, messageId } = idsIn({ [key.pk]: item[key.pk], [key.sk]: messageSortKey });
    return senderId === undefined || messageId === undefined ? undefined : { senderId, messageId };
  } catch {
    return undefined;
  }
};

const isSame = (wanted: Fields, item: Fields, names: readonly string[]): boolean =>
  names.every((name) => wanted[name] === item[name]);

/** Gathers what is stored under one key, as it comes; `ids` are those of the key. */
const openHistory = (kinds: Kinds, ids: MessageKey) => {
  let message: StoredHistory["message"];
  const attempts: StoredItem[] = [];
  let payloads: StoredItem[] = [];
  let strangers = 0;

  const isOf = ({ fingerprint }: Fields) => {
    const own = keysOf(kinds.keysOf.payload, { ...ids, fingerprint })[key.sk];
    return ({ fields }: StoredItem): boolean => fields[key.sk] === own;
  };
  const add = (fields: Fields): void => {
    const kind = kindOf(fields);
    if (kind !== "message" && kind !== "attempt" && kind !== "payload") {
      strangers += 1;
      return;
    }
    const toKeys = kinds.keysOf[kind];
    const item = {
      fields: given(fields),
      isUnderItsKey: isSame(keysOf(toKeys, fields), fields, [key.pk, key.sk]),
    };
    if (kind === "message") {
      const listed = keysOf(kinds.listedAs, { ...fields, ...ids });
      const { pk, sk } = indexes.bySender;
      message = { ...item, isListed: isSame(listed, fields, [pk, sk]) };
    } else if (kind === "attempt") attempts.push(item);
    else payloads.push(item);
    // Submits that came to nothing may have left any number of large ones.
    if (message) payloads = payloads.filter(isOf(message.fields));
  };
  const close = (): StoredHistory => ({
    ...{ key: { ...ids, messageId: idOfKey(ids.messageId) }, attempts, payloads, strangers },
    ...(message && { message }),
  });
  return { add, close };
};

const keysOf = (toKeys: ToKeys, fields: Fields): Fields => {
  try {
    return toKeys(fields);
  } catch {
    // An attribute that the key is made of is missing.
    return {};
  }
};

/** Puts items together to histories, as they come; `end` gives the one that is still open. */
const gathering = (kinds: Kinds) => {
  let partition: unknown;
  let open: ReturnType<typeof openHistory> | undefined;
  const end = (): readonly StoredHistory[] => {
    const ended = open ? [open.close()] : [];
    open = undefined;
    partition = undefined;
    return ended;
  };
  const add = (item: Fields): readonly StoredHistory[] => {
    const ended = item[key.pk] === partition ? [] : end();
    if (item[key.pk] !== partition) {
      partition = item[key.pk];
      const ids = idsIn(kinds, item);
      open = ids && openHistory(kinds, ids);
    }
    open?.add(item);
    return ended;
  };
  return { add, end };
};

/** Opens the items of a table for whoever judges them. Only reads. */
export const storedItems = (storage: Storage): StoredItems => {
  const { client, table } = storage;
  const kinds = kindsOf(storage);
  const asked = {
    TableName: table,
    ...projectionOf(kinds),
    ReturnConsumedCapacity: "TOTAL",
  } as const;

  return {
    size: async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
      return { items: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
    },

    scan: async function* ({ segment, segments, pageItems }) {
      const { add, end } = gathering(kinds);
      let from: Item | undefined;
      do {
        const page = await client.send(
          new ScanCommand({
            ...{ ...asked, Segment: segment, TotalSegments: segments },
            ...{ Limit: pageItems, ExclusiveStartKey: from },
          }),
        );
        const items = page.Items ?? [];
        from = page.LastEvaluatedKey;
        const histories = items.flatMap((item) => add(plainOf(item)));
        const readUnits = page.ConsumedCapacity?.CapacityUnits ?? 0;
        const last = from ? [] : end();
        const isMore = from !== undefined;
        yield { histories: [...histories, ...last], items: items.length, readUnits, isMore };
      } while (from);
    },

    again: async (ids) => {
      const { add, end } = gathering(kinds);
      let [items, readUnits] = [0, 0];
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            ...{ ...asked, ConsistentRead: true, ExclusiveStartKey: from },
            KeyConditionExpression: "#0 = :partition",
            ExpressionAttributeValues: { ":partition": { S: kinds.partitionOf(ids) } },
          }),
        );
        for (const item of page.Items ?? []) add(plainOf(item));
        items += page.Items?.length ?? 0;
        readUnits += page.ConsumedCapacity?.CapacityUnits ?? 0;
        from = page.LastEvaluatedKey;
      } while (from);
      return { histories: end(), items, readUnits, isMore: false };
    },
  };
};
