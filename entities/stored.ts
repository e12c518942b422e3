import { DescribeTableCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { createConversions } from "electrodb";
import type { StoredHistory, StoredItem } from "../domain/audit-rule.ts";
import { idOfKey } from "../domain/ids.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { apiKeyEntity } from "./described/api-key.ts";
import { attemptEntity } from "./described/attempt.ts";
import { messageEntity } from "./described/message.ts";
import { payloadEntity } from "./described/payload.ts";
import { senderEntity } from "./described/sender.ts";
import { type Item, kindFields, kindOf, plainOf } from "./raw-item.ts";
import { type Storage, stored } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** A page of histories: messages, each with its attempts and payload. */
export type StoredPage = {
  readonly histories: readonly StoredHistory[];
  /** All items read, of any kind: they are paid for. */
  readonly items: number;
  readonly readUnits: number;
  readonly isMore: boolean;
};

/** The raw items of a table, also those that no entity can read. */
export type StoredItems = {
  /** Returns the approximate size of the table. DynamoDB updates it about every six hours. */
  readonly size: () => Promise<{ readonly items: number; readonly bytes: number }>;
  /**
   * Reads one segment page by page, by eventually consistent scans. The items of a partition are
   * adjacent in a scan, so a message, its attempts and its payload follow one another, also across
   * pages. Holds one page and one message in memory.
   */
  readonly scan: (ask: {
    readonly segment: number;
    readonly segments: number;
    readonly pageItems: number;
  }) => AsyncGenerator<StoredPage>;
  /** Reads the items of one key again, consistently. */
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
    // Responses of targets are not judged, so they are not read.
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

/** Returns the ids in a key, or `undefined` if it is not the key of a message. */
const idsIn = ({ idsIn, messageSortKey }: Kinds, item: Fields): MessageKey | undefined => {
  try {
    // Attempts come first in a partition. The ids are in the part that all its keys share.
    const { senderId, messageId } = idsIn({ [key.pk]: item[key.pk], [key.sk]: messageSortKey });
    return senderId === undefined || messageId === undefined ? undefined : { senderId, messageId };
  } catch {
    return undefined;
  }
};

const isSame = (wanted: Fields, item: Fields, names: readonly string[]): boolean =>
  names.every((name) => wanted[name] === item[name]);

/** Collects the items of one key as they are read. `ids` are those of the key. */
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
    // Nothing of a message depends on its actions.
    if (kind === "action") return;
    if (kind !== "message" && kind !== "attempt" && kind !== "payload") {
      strangers += 1;
      return;
    }
    const toKeys = kinds.keysOf[kind];
    const item = {
      fields,
      isUnderItsKey: isSame(keysOf(toKeys, fields), fields, [key.pk, key.sk]),
    };
    if (kind === "message") {
      const { pk, sk } = indexes.bySender;
      // Stored while no index of all messages was kept: has neither key.
      const isUnlisted = fields["unlisted"] === true;
      const listed = isUnlisted ? {} : keysOf(kinds.listedAs, { ...fields, ...ids });
      message = { ...item, isListed: isSame(listed, fields, [pk, sk]) };
    } else if (kind === "attempt") attempts.push(item);
    else payloads.push(item);
    // Submits that failed may have left any number of large payloads.
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
    // An attribute of the key is missing.
    return {};
  }
};

/** Groups items into histories as they are read. `end` returns the last, open one. */
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

/** Opens the items of a table for the audit. Only reads. */
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
