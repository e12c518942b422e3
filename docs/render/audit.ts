import { auditRules } from "../../domain/audit.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

/** By the key of a message; the numbers are times in epoch milliseconds. */
const change = String.raw`
aws dynamodb update-item --table-name "$TABLE" \
  --key '{"pk":{"S":"$postrider#senderId_shop#messageId_order-7"},"sk":{"S":"$history#message_1"}}' \
  --update-expression 'SET dueAt = :now' --condition-expression 'updatedAt = :seen' \
  --expression-attribute-values '{":now":{"N":"1772366520000"},":seen":{"N":"1772366400000"}}'
`;

/** Returns the page `docs/reference/audit.md`: everything that the audit looks for. */
export const auditPage = (): string =>
  [
    generatedFrom("`domain/audit.ts`"),
    "",
    "# What the audit finds",
    "",
    "`npm run audit` checks every stored message: [how to run it](../guides/operate.md#audit). Where one",
    "damage explains another, only the first is reported.",
    "",
    "Change an item only on the condition that its `updatedAt` is the one you have seen. This has the",
    "dispatcher check the message `order-7` of `shop` at once:",
    "",
    "```sh",
    ...change.trim().split("\n"),
    "```",
    "",
    ...tableOf(
      ["Rule", "What is wrong", "What to do"],
      auditRules.map(({ id, wrong, remedy }) => [code(id), wrong, remedy]),
    ),
    "",
  ].join("\n");
