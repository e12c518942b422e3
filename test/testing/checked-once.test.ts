import { expect, test } from "@jest/globals";
import { CheckedOnce } from "../../testing/checked-once.ts";

const make = (isRequired: unknown) =>
  new CheckedOnce(
    {
      model: { entity: "thing", service: "shop", version: "1" },
      attributes: { id: { type: "string", required: isRequired as true } },
      indexes: { primary: { pk: { field: "pk", composite: ["id"] } } },
    },
    { table: "things" },
  );

test("a description that ElectroDB takes makes an entity, as often as it is asked", () => {
  const keys = [make(true), make(true)].map((each) => each.get({ id: "a" }).params());

  expect(keys[0]).toMatchObject({ TableName: "things", Key: { pk: "$shop$thing_1#id_a" } });
  expect(keys[1]).toEqual(keys[0]);
});

test("a description that ElectroDB refuses is refused each time", () => {
  expect(() => make("yes")).toThrow("attributes.id.required");
  expect(() => make("yes")).toThrow("attributes.id.required");
});
