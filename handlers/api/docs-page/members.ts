import { html } from "hono/html";
import { type Document, type Schema, schemaAt } from "./document.ts";

export type Html = ReturnType<typeof html>;

/** Returns a text of the document: what stands between backquotes is code. */
export const words = (text = ""): readonly Html[] =>
  text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const number = (value: number): string => value.toLocaleString("en-US");

/** "1 to 50", "at most 2,048", "at least 1". */
const range = (min: number | undefined, max: number | undefined, unit: string): string => {
  if (max !== undefined && min !== undefined) return `${number(min)} to ${number(max)}${unit}`;
  if (max !== undefined) return `at most ${number(max)}${unit}`;
  return min !== undefined && min > 0 ? `at least ${number(min)}${unit}` : "";
};

const typeOf = (document: Document, given: Schema): string => {
  const schema = schemaAt(document, given);
  const { type, anyOf, oneOf, items, format } = schema;
  const either = anyOf ?? oneOf;
  if (either) return [...new Set(either.map((each) => typeOf(document, each)))].join(" or ");
  if (type === "array" && items) return `array of ${typeOf(document, items)}`;
  if (format === "date-time") return "time";
  if (type === undefined) return "any";
  return typeof type === "string" ? type : type.join(" or ");
};

/** Returns what a value may be, in a few words. */
export const rule = (document: Document, given: Schema): string => {
  const schema = schemaAt(document, given);
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  // The largest integer that JSON carries is not a rule of ours.
  const max = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  return [
    typeOf(document, schema),
    schema.contentEncoding,
    values?.join(" | "),
    range(schema.minimum, max, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " entries"),
    range(undefined, schema.maxProperties, " members"),
    schema.default === undefined ? undefined : `default ${String(schema.default)}`,
  ]
    .filter(Boolean)
    .join(", ");
};

export type Member = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
};

/** Of forms that have a member alike, it is named once. */
const withoutRepeats = (members: readonly Member[]): readonly Member[] => [
  ...new Map(members.map((member) => [JSON.stringify(member), member])).values(),
];

/**
 * Returns the members of an object, and those of objects in it, by their whole names:
 * `retry.schedule`. Of what has several forms, the members of each.
 */
export const membersOf = (document: Document, given: Schema, prefix = ""): readonly Member[] => {
  const { properties = {}, required = [], anyOf, oneOf } = schemaAt(document, given);
  const forms = anyOf ?? oneOf;
  if (forms) return withoutRepeats(forms.flatMap((form) => membersOf(document, form, prefix)));
  return Object.entries(properties).flatMap(([name, schema]) => {
    const whole = `${prefix}${name}`;
    const { items } = schemaAt(document, schema);
    const inside = items ? membersOf(document, items, `${whole}[].`) : [];
    const member = { name: whole, isRequired: required.includes(name), schema };
    return [member, ...inside, ...membersOf(document, schema, `${whole}.`)];
  });
};

/** One row: a name, what it may be, and what it is about. */
export const row = (name: string, may: string, about: string | undefined): Html => html`
<dt><code>${name}</code> <span>${may}</span></dt>
<dd>${words(about)}</dd>`;

/** Returns the members of an object. `ofRequest`: says which of them must be given. */
export const memberList = (document: Document, schema: Schema, ofRequest: boolean): Html => {
  const rows = membersOf(document, schema).map(({ name, isRequired, schema: member }) => {
    const given =
      ofRequest && isRequired ? "required, " : !ofRequest && !isRequired ? "optional, " : "";
    return row(name, `${given}${rule(document, member)}`, schemaAt(document, member).description);
  });
  return rows.length === 0 ? html`<p>No members.</p>` : html`<dl>${rows}</dl>`;
};
