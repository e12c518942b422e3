import { auditRules } from "../../domain/audit.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

/** By the key of a message; the numbers are times in epoch milliseconds. */
const change = String.raw`
aws dynamodb update-item --table-name "$TABLE" \
  --key '{"pk":{"S":"$postrider#senderId_shop#messageId_order-7"},"sk":{"S":"$history#message_1"}}' \
  --update-expression 'SET dueAt = :now' --condition-expression 'updatedAt = :seen' \
  --expression-attribute-values '{":now":{"N":"1772366520000"},":seen":{"N":"1772366400000"}}'
`;

/** The page `docs/reference/audit.md`: everything that the audit looks for. */
export const auditPage = (): string =>
  [
    generatedFrom("`domain/audit.ts`"),
    "",
    "# What the audit finds",
    "",
    "`npm run audit` judges every message of a table by what is stored of it. [Operating",
    "Postrider](../guides/operate.md#audit) says how to run it. One damage is one finding: where one",
    "explains another, only the first is reported.",
    "",
    "To change an item by hand, ask for the state that you have seen, so that you change nothing that has",
    "moved on meanwhile. This has the dispatcher look at the message `order-7` of `shop` at once:",
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
