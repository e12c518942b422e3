import { expect, test } from "@jest/globals";
import { tableCommandsByName } from "../../../cli/commands/table-commands.ts";

test.each(Object.entries(tableCommandsByName))(
  "%s is completed with the options that it takes",
  async (name, { load, options, flags }) => {
    const { name: own, accepted } = await load();

    expect(own).toBe(name);
    expect([...options].toSorted()).toEqual([...accepted.options].toSorted());
    expect([...flags].toSorted()).toEqual([...accepted.flags].toSorted());
  },
);
