import { type Counter, countersOf } from "../outcome-counters.ts";
import { fromChars } from "../outcomes-update.ts";
import { tableDescription } from "../table.ts";
import { casing, type Described, oncePerStorage, service } from "./parts.ts";

const { key } = tableDescription;
const counters = Object.fromEntries(
  Object.values(countersOf)
    .flat()
    .map((name) => [name, { type: "number" }]),
) as unknown as Readonly<Record<Counter, { readonly type: "number" }>>;

export const outcomesEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "outcomes", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          shard: { type: "number", required: true },
          // Part of a sort key, which is text: padded to sort as a number.
          from: { type: "number", required: true, padding: { length: fromChars, char: "0" } },
          completed: { type: "number" },
          failed: { type: "number" },
          retried: { type: "number" },
          ...counters,
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId", "shard"], casing },
            sk: { field: key.sk, composite: ["from"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);
