import type { SigningSecret, SigningSecrets } from "../domain/signing-secrets.ts";
import type { senderEntity } from "./described/sender.ts";
import { loadEntities } from "./load-entities.ts";
import { type Item, itemOf } from "./raw-item.ts";
import { type NamesOf, readItem, storedIn } from "./read-item.ts";
import { conditionalGo, type Storage } from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** Defaults for the messages of a sender. Where absent, the service's settings apply. */
export type SenderDefaults = {
  readonly scheduleMs?: readonly number[];
  readonly maxAttempts?: number;
  readonly timeoutMs?: number;
  readonly retentionDays?: number;
};

/** A party that may submit, with defaults for its messages. */
export type Sender = SenderDefaults & {
  readonly senderId: string;
  readonly createdAt: number;
  /** Newest first, each encrypted. Absent only in senders of versions before there were secrets. */
  readonly signingSecrets?: readonly SigningSecret[];
};

/** A new sender. It has a secret: nothing is delivered unsigned. */
export type NewSender = Sender & { readonly signingSecrets: SigningSecrets };

/** The result of a write: stored by this call, or lost because the secrets had changed. */
export type SecretsChanged =
  | { readonly kind: "done" }
  | { readonly kind: "lost"; readonly current?: Sender };

/** A change of defaults: null removes one, an absent one stays. */
export type DefaultsChange = {
  readonly [Name in keyof SenderDefaults]?: SenderDefaults[Name] | null;
};

// Each submit and each delivery asks for its sender: it is read without ElectroDB, as its entity would.
const keyOf = (senderId: string): Item =>
  itemOf({ [key.pk]: `$postrider#senderId_${senderId}`, [key.sk]: "$sender_1" });
const names: NamesOf<Sender> = {
  ...{ senderId: true, createdAt: true, signingSecrets: true },
  ...{ scheduleMs: true, maxAttempts: true, timeoutMs: true, retentionDays: true },
};

export type SenderStore = {
  /** Stores a new sender. Does not change an existing one: then it is lost. */
  readonly create: (sender: NewSender) => Promise<SecretsChanged>;
  readonly get: (senderId: string) => Promise<Sender | undefined>;
  /** Changes defaults. Returns the sender as it then is. Of two changes at once the later counts. */
  readonly change: (senderId: string, change: DefaultsChange) => Promise<Sender | undefined>;
  /** Replaces the signing secrets that the caller saw, newest first. */
  readonly rotate: (seen: Sender, secrets: SigningSecrets) => Promise<SecretsChanged>;
};

type EntityOf = () => Promise<ReturnType<typeof senderEntity>>;

const rotate =
  (entity: EntityOf, get: SenderStore["get"]): SenderStore["rotate"] =>
  async ({ senderId, signingSecrets: [newestSeen] = [] }, secrets) => {
    const { rejected, data } = await (await entity())
      .patch({ senderId })
      .set({ signingSecrets: [...secrets] })
      // Every rotation puts another secret first, and no two encrypted texts are equal.
      .where(({ signingSecrets: at }, { eq, notExists }) =>
        newestSeen ? eq(at[0]?.sealed as string, newestSeen.sealed) : notExists(at),
      )
      .go({ ...conditionalGo, response: "all_old" });
    return rejected ? outcomeBy(secrets, data ?? (await get(senderId))) : { kind: "done" };
  };

const defaultNames = ["scheduleMs", "maxAttempts", "timeoutMs", "retentionDays"] as const;

const change =
  (entity: EntityOf, get: SenderStore["get"]): SenderStore["change"] =>
  async (senderId, given) => {
    const set = Object.fromEntries(
      defaultNames
        .filter((name) => given[name] !== undefined && given[name] !== null)
        .map((name) => [name, given[name]]),
    );
    const remove = defaultNames.filter((name) => given[name] === null);
    if (Object.keys(set).length + remove.length > 0)
      await (await entity()).patch({ senderId }).set(set).remove(remove).go(conditionalGo);
    return get(senderId);
  };

/**
 * Returns the result of a refused write. The SDK retries a write whose answer was lost, and may find
 * its own first try: it is recognized by its encrypted text, as no two are equal.
 */
const outcomeBy = ([newest]: SigningSecrets, current: Sender | undefined): SecretsChanged => {
  const isMine = current?.signingSecrets?.some(({ sealed }) => sealed === newest.sealed);
  return isMine ? { kind: "done" } : { kind: "lost", current };
};

export const senderStore = (storage: Storage): SenderStore => {
  const entity = async () => (await loadEntities()).senderEntity(storage);
  const get: SenderStore["get"] = async (senderId) => {
    const item = await readItem(storage, keyOf(senderId));
    return item && storedIn(item, "sender", names);
  };
  return {
    create: async (sender) => {
      const { senderId, signingSecrets } = sender;
      const { rejected } = await (await entity())
        .create({ ...sender, signingSecrets: [...signingSecrets] })
        .go(conditionalGo);
      return rejected ? outcomeBy(signingSecrets, await get(senderId)) : { kind: "done" };
    },
    get,
    change: change(entity, get),
    rotate: rotate(entity, get),
  };
};
