import { Entity } from "electrodb";

/** Fails where a description is wrong. ElectroDB calls it for each entity that is made. */
type Check = (model: unknown) => void;

const textOf = (model: unknown): string =>
  JSON.stringify(model, (_, value: unknown) =>
    typeof value === "function" || value instanceof RegExp ? String(value) : value,
  );

const checked = new Set<string>();

/** Checks what has not passed before. */
const once =
  (check: Check): Check =>
  (model) => {
    const text = textOf(model);
    if (checked.has(text)) return;
    check(model);
    checked.add(text);
  };

const { _validateModel: check } = Entity.prototype as { _validateModel?: Check };

/**
 * ElectroDB's entity, which checks each description once in a process: a check takes milliseconds,
 * and every table of a test is described alike. Where ElectroDB names its check otherwise, it is as
 * slow as it was.
 */
export const CheckedOnce = class extends (Entity as new (
  ...given: never
) => object) {} as unknown as typeof Entity;
if (check) Object.assign(CheckedOnce.prototype, { _validateModel: once(check) });
