import { expect, test } from "@jest/globals";
import { writtenIn } from "../../../handlers/submission/written.ts";

const members = Array.from({ length: 1000 }, () => '"x-a":"1"').join();

test.each([
  ["at the top", `{${members}}`],
  ["in headers", `{"headers":{${members}}}`],
  ["in headers that are given again and again", `{${`"headers":{${members}},`.repeat(5)}"a":1}`],
])("Of members that are repeated %s, one more is collected than are listed", (_where, text) => {
  expect(writtenIn(text).faults).toHaveLength(101);
});
