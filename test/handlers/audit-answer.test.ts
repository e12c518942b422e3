import { expect, test } from "@jest/globals";
import { answerText, findingJson } from "../../handlers/audit/answer.ts";

const counts = {
  ...{ items: 1, messages: 1, byStatus: { QUEUED: 1 }, unchecked: 0, broken: { "not-due": 1 } },
  ...{ findings: 1, readUnits: 1, isPartial: false },
};
const finding = {
  ...{ senderId: "shop", messageId: "a\nNothing is wrong." },
  ...{ rule: "not-due", evidence: "it is\n\u009b2J" },
};

test("A finding is one line, whatever is stored", () => {
  const text = answerText(counts, [finding]);

  expect(text).toContain("    shop/a\\u000aNothing is wrong.: it is\\u000a\\u009b2J\n");
  expect(text).not.toMatch(/^Nothing/m);
  expect(findingJson(finding).split("\n")).toHaveLength(2);
});
