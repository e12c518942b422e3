/**
 * The transactional outbox: `postrider/outbox`. A message that exists exactly if the transaction of
 * its sender committed.
 */
import { systemChance } from "../adapters/chance.ts";
import { systemClock } from "../adapters/clock.ts";
import { outboxOver } from "./outbox.ts";

export { Problem } from "../domain/problem.ts";
export type { DocumentEntry, Entry } from "../entities/submit-entries.ts";
export type { OutboxMessage } from "./message.ts";
export type { OutboxOptions } from "./options.ts";
export type { Outbox, SendOptions } from "./outbox.ts";
export type { Dispatched, Outcome, Sent } from "./sent.ts";

/**
 * Returns the outbox of a table of Postrider. Throws an error that names every fault of the options.
 *
 * @example
 * const sent = await outbox({ client, table: "postrider" }).send(message);
 * await client.send(new TransactWriteItemsCommand({ TransactItems: [order, ...sent.entries] }));
 * await sent.dispatch();
 */
export const outbox = outboxOver({ clock: systemClock, chance: systemChance });
