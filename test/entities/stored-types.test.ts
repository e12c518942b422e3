import { expect, test } from "@jest/globals";
import type { CreateEntityItem, EntityItem } from "electrodb";
import type { ApiKey } from "../../domain/api-key.ts";
import type { Attempt } from "../../domain/attempt.ts";
import type { Message } from "../../domain/message.ts";
import type { apiKeyEntity } from "../../entities/described/api-key.ts";
import type { attemptEntity } from "../../entities/described/attempt.ts";
import type { messageEntity } from "../../entities/described/message.ts";
import type { payloadEntity } from "../../entities/described/payload.ts";
import type { senderEntity } from "../../entities/described/sender.ts";
import type { Payload } from "../../entities/payload.ts";
import type { Sender } from "../../entities/sender.ts";

// The compiler does the work: `npm test` type-checks this file, and a schema that drifts from its
// domain type makes one of these `true` a type error. `keyof` finds optional members too, which
// assignability alone lets pass.

type SameMembers<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>] extends [
  never,
  never,
]
  ? true
  : false;
type IsReadAs<Stored, Domain> = Stored extends Domain ? SameMembers<Stored, Domain> : false;
type IsWritable<Domain, Given> = Domain extends Given ? true : false;

type Of<Make extends (storage: never) => unknown> = ReturnType<Make>;
type MessageItem = EntityItem<Of<typeof messageEntity>>;
type PayloadItem = EntityItem<Of<typeof payloadEntity>>;

test("stored items have exactly the members and types of the domain", () => {
  const message: IsReadAs<MessageItem, Message> = true;
  const attempt: IsReadAs<EntityItem<Of<typeof attemptEntity>>, Attempt> = true;
  const sender: IsReadAs<EntityItem<Of<typeof senderEntity>>, Sender> = true;
  const apiKey: IsReadAs<EntityItem<Of<typeof apiKeyEntity>>, ApiKey> = true;
  const payload: PayloadItem extends Payload ? true : false = true;

  expect([message, attempt, sender, apiKey, payload]).not.toContain(false);
});

test("a message and an attempt can be stored as they are", () => {
  const message: IsWritable<Message, CreateEntityItem<Of<typeof messageEntity>>> = true;
  const attempt: IsWritable<Attempt, CreateEntityItem<Of<typeof attemptEntity>>> = true;

  expect([message, attempt]).not.toContain(false);
});
