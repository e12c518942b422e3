import type { ListedMessage } from "../client/answers.ts";
import { PostriderError } from "../client/error.ts";
import type { ListFilter } from "../client/requests.ts";
import { limits } from "../domain/limits.ts";
import { known } from "./known-messages.ts";
import type { WithClient } from "./with-client.ts";

/** What changed since the look before, in the order of the changes. */
export type Look = {
  readonly changes: readonly ListedMessage[];
  /** `false` where more changed at once than a look reads. */
  readonly isComplete: boolean;
};

export type Following = Pick<WithClient, "client" | "stoppable"> & {
  readonly target: string | undefined;
  readonly now: () => number;
};

/** A look reads at most so many messages of each of two lists, and so many by themselves. */
const listedMax = 500;
const singleMax = 10;
/** How late a message may come into a list: indexes follow the table. */
const lateMs = 10_000;

/** Tells whether the deployment keeps no list of all messages. */
const hasNoList = (error: unknown): boolean =>
  error instanceof PostriderError && error.issues.some(({ path }) => path[0] === "status");

/**
 * Returns a function that looks what changed: among the newest messages, among what FAILED lately,
 * and among those that had not ended when they were seen last.
 */
export const changesOn = ({ client, stoppable, target, now }: Following) => {
  const messages = known();
  let newest: ListFilter = {};
  let lookedAt: number | undefined;

  const read = async (filter: ListFilter, itemsMax: number) => {
    const items: ListedMessage[] = [];
    const limit = limits.listPageMax;
    for await (const item of client.list({ ...filter, target, limit }, stoppable)) {
      if (items.length === itemsMax) return { items, isComplete: false };
      items.push(item);
    }
    return { items, isComplete: true };
  };

  const readNewest = async (from: Date | undefined, itemsMax: number) => {
    try {
      return await read({ ...newest, from }, itemsMax);
    } catch (error) {
      if (!hasNoList(error) || newest.status) throw error;
      newest = { status: "unfinished" };
      return read({ ...newest, from }, itemsMax);
    }
  };

  /** Reads messages that no list had. One that is gone has expired. */
  const readSingle = async (messageId: string): Promise<readonly ListedMessage[]> => {
    try {
      return [await client.get(messageId, stoppable)];
    } catch (error) {
      if (!(error instanceof PostriderError) || error.code !== "NOT_FOUND") throw error;
      messages.forget(messageId);
      return [];
    }
  };

  const first = async (): Promise<Look> => {
    const { items } = await readNewest(undefined, limits.listPageMax);
    return { changes: messages.newsIn(items), isComplete: true };
  };

  const next = async (from: Date): Promise<Look> => {
    const lists = [
      await readNewest(from, listedMax),
      await read({ status: "FAILED", from }, listedMax),
    ];
    const listed = lists.flatMap(({ items }) => items);
    const seen = new Set(listed.map(({ messageId }) => messageId));
    const unseen = messages.unfinished().filter((messageId) => !seen.has(messageId));
    const single: ListedMessage[] = [];
    for (const messageId of unseen.slice(0, singleMax))
      single.push(...(await readSingle(messageId)));
    return {
      changes: messages.newsIn([...listed, ...single]),
      isComplete: lists.every(({ isComplete }) => isComplete),
    };
  };

  return async (): Promise<Look> => {
    const at = now();
    const look = await (lookedAt === undefined ? first() : next(new Date(lookedAt - lateMs)));
    lookedAt = at;
    return look;
  };
};
