import { CustomAttributeType, Entity } from "electrodb";
import type { SigningSecret, SigningSecrets } from "../domain/signing-secrets.ts";
import { casing, conditionally, plainly, type Storage, service } from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** A party that may submit, and what holds for its messages where they do not say otherwise. */
export type Sender = {
  readonly senderId: string;
  readonly createdAt: number;
  readonly scheduleMs?: readonly number[];
  readonly maxAttempts?: number;
  readonly timeoutMs?: number;
  readonly retentionDays?: number;
  /** Newest first, each sealed. Absent only where a version before there were any made the sender. */
  readonly signingSecrets?: readonly SigningSecret[];
};

/** A sender as it is made: with a secret, for nothing is ever delivered unsigned. */
export type NewSender = Sender & { readonly signingSecrets: SigningSecrets };

/** What became of a change of secrets: it is done (by this call), or others were there before. */
export type SecretsChanged =
  | { readonly kind: "done" }
  | { readonly kind: "lost"; readonly current?: Sender };

export const senderEntity = ({ client, table }: Storage) =>
  new Entity(
    {
      model: { service, entity: "sender", version: "1" },
      attributes: {
        senderId: { type: "string", required: true, readOnly: true },
        createdAt: { type: "number", required: true, readOnly: true },
        scheduleMs: { type: CustomAttributeType<readonly number[]>("any") },
        maxAttempts: { type: "number" },
        timeoutMs: { type: "number" },
        retentionDays: { type: "number" },
        // Described, not `any`: a condition looks into it.
        signingSecrets: {
          type: "list",
          items: {
            type: "map",
            properties: {
              sealed: { type: "string", required: true },
              createdAt: { type: "number", required: true },
              expiresAt: { type: "number" },
            },
          },
        },
      },
      indexes: {
        primary: {
          pk: { field: key.pk, composite: ["senderId"], casing },
          sk: { field: key.sk, composite: [], casing },
        },
      },
    } as const,
    { client, table },
  );

export type SenderStore = {
  /** Stores a new sender; one that is there stays as it is. */
  readonly create: (sender: NewSender) => Promise<void>;
  readonly get: (senderId: string) => Promise<Sender | undefined>;
  /** Puts other signing secrets in the place of those that were seen, newest first. */
  readonly rotate: (seen: Sender, secrets: SigningSecrets) => Promise<SecretsChanged>;
};

const rotate =
  (entity: ReturnType<typeof senderEntity>, get: SenderStore["get"]): SenderStore["rotate"] =>
  async ({ senderId, signingSecrets: [newestSeen] = [] }, secrets) => {
    const { rejected, data } = await entity
      .patch({ senderId })
      .set({ signingSecrets: [...secrets] })
      // Every rotation puts another secret first, and no two sealed texts are the same.
      .where(({ signingSecrets: at }, { eq, notExists }) =>
        newestSeen ? eq(at[0]?.sealed as string, newestSeen.sealed) : notExists(at),
      )
      .go({ ...conditionally, response: "all_old" });
    if (!rejected) return { kind: "done" };
    const current = data ?? (await get(senderId));
    // The SDK repeats a write whose answer was lost, and may meet its own first try.
    const isMine = current?.signingSecrets?.some(({ sealed }) => sealed === secrets[0].sealed);
    return isMine ? { kind: "done" } : { kind: "lost", current };
  };

export const senderStore = (storage: Storage): SenderStore => {
  const entity = senderEntity(storage);
  const get: SenderStore["get"] = async (senderId) => {
    const { data } = await entity.get({ senderId }).go({ ...plainly, consistent: true });
    return data ?? undefined;
  };
  return {
    create: async (sender) => {
      await entity
        .create({ ...sender, signingSecrets: [...sender.signingSecrets] })
        .go(conditionally);
    },
    get,
    rotate: rotate(entity, get),
  };
};
