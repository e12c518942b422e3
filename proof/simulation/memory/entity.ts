import { createConversions, Entity } from "electrodb";
import type { Fields } from "../items.ts";
import { remembered } from "../remembered.ts";
import { querying, reading } from "./reads.ts";
import { type Description, type Shape, shapeOf } from "./shape.ts";
import { made, type Options, type Where, type Write, writing } from "./writes.ts";

/** Keys are read and written by ElectroDB itself, each once: it takes its time. */
const inner = Entity.prototype as unknown as Readonly<
  Record<
    "_fromKeysToCompositeByIndex" | "_fromCompositeToKeysByIndex",
    (...given: readonly unknown[]) => unknown
  >
>;

/**
 * ElectroDB's entity as far as the product uses it, over a table of plain items: the same
 * description, the same calls, the product's own conditions. It marshals nothing and asks no SDK,
 * and so takes a hundredth of the time. A test holds it to ElectroDB over dynalite.
 */
class PlainEntity extends (Entity as unknown as new (
  description: Description,
  config: object,
) => object) {
  readonly shape: Shape;
  readonly query: { readonly primary: (given: Fields) => ReturnType<typeof querying> };

  constructor(description: Description, config: object) {
    super(description, config);
    const { byAccessPattern } = createConversions(this as never) as unknown as {
      byAccessPattern: Record<string, { fromComposite: { toKeys: (given: object) => Fields } }>;
    };
    const shape = shapeOf(description, (pattern, attributes) => {
      const { fromComposite } = byAccessPattern[pattern] as (typeof byAccessPattern)[string];
      return fromComposite.toKeys(attributes);
    });
    this.shape = shape;
    this.query = { primary: (given) => querying(shape, given) };
  }

  get(given: Fields) {
    return reading(this.shape, given);
  }
  put(given: Fields, needs?: Write["needs"]) {
    const item = this.shape.itemOf(given);
    const key = { pk: String(item["pk"]), sk: String(item["sk"]) };
    return writing(this.shape, { operation: "PutItem", key, needs }, () => item);
  }
  create(given: Fields) {
    return this.put(given, "no item");
  }
  patch(given: Fields) {
    return this.#update(given, "an item");
  }
  upsert(given: Fields) {
    return this.#update(given);
  }
  #update(given: Fields, needs?: Write["needs"]) {
    const key = this.shape.keyOf(given);
    const identity = this.shape.identity(given);
    const write = { operation: "UpdateItem", key, needs } as const;
    return writing(this.shape, write, (before) => ({ ...key, ...before, ...identity }));
  }
  delete(given: Fields) {
    const { shape } = this;
    const write: Write = {
      ...{ operation: "DeleteItem", key: shape.keyOf(given), next: () => undefined },
    };
    const wheres: Where[] = [];
    const builder = {
      where: (where: Where) => {
        wheres.push(where);
        return builder;
      },
      go: (options: Options = {}) => made(shape, write, wheres, options),
    };
    return builder;
  }
  // What `createConversions` asks.
  _fromKeysToCompositeByIndex = remembered((given: object) =>
    inner._fromKeysToCompositeByIndex.call(this, given),
  );
  _fromCompositeToKeysByIndex = remembered((given: object, options?: object) =>
    inner._fromCompositeToKeysByIndex.call(this, given, options),
  );
}

/** Takes the place of ElectroDB's `Entity` for a storage. */
export const plainEntity = PlainEntity as unknown as typeof Entity;
