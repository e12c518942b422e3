import type { ListedMessage } from "../client/answers.ts";
import { isTerminal } from "../domain/message.ts";

/** So many messages are remembered. An older one that changes again is shown as it then is. */
const rememberedMax = 5000;

type Seen = { readonly state: string; readonly isOver: boolean };

/** Remembers the states in which messages were seen. */
export const known = () => {
  const seen = new Map<string, Seen>();

  const remember = (message: ListedMessage): boolean => {
    const { messageId, status, attempts } = message;
    const state = `${status} ${attempts}`;
    const isNews = seen.get(messageId)?.state !== state;
    // At the end again: a map keeps its order, and the one that was seen longest ago is the first.
    seen.delete(messageId);
    seen.set(messageId, { state, isOver: isTerminal(status) });
    return isNews;
  };

  return {
    /** Returns those whose state is new, by the time of their change. */
    newsIn: (messages: readonly ListedMessage[]): readonly ListedMessage[] => {
      const news = new Map<string, ListedMessage>();
      for (const message of messages) if (remember(message)) news.set(message.messageId, message);
      for (const messageId of seen.keys()) {
        if (seen.size <= rememberedMax) break;
        seen.delete(messageId);
      }
      return [...news.values()].sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
    },
    /** Returns the ids of those that had not ended, the one seen longest ago first. */
    unfinished: (): readonly string[] =>
      [...seen].flatMap(([messageId, { isOver }]) => (isOver ? [] : [messageId])),
    forget: (messageId: string): void => {
      seen.delete(messageId);
    },
  };
};
