/** A member of an object in a JSON text: its name and the source text of its value. */
export type SourceMember = {
  readonly name: string;
  readonly source: string;
  /** The nesting of arrays and objects in the value; 0 for a string, number or literal. */
  readonly depth: number;
};

const isSpace = (char: string | undefined): boolean =>
  char === " " || char === "\n" || char === "\r" || char === "\t";

const pastSpace = (text: string, from: number): number => {
  let at = from;
  while (isSpace(text[at])) at += 1;
  return at;
};

/** Returns the end of the string whose opening quote is at `from`. */
const pastText = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
};

/** Returns the end of the number or literal that begins at `from`. */
const pastWord = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && !isSpace(text[at]) && !",]}".includes(text[at] ?? "")) at += 1;
  return at;
};

/**
 * Returns the end and the depth of the value that begins at `from`. Counts instead of recursing.
 */
const pastValue = (
  text: string,
  from: number,
): { readonly end: number; readonly depth: number } => {
  if (text[from] === '"') return { end: pastText(text, from), depth: 0 };
  if (text[from] !== "{" && text[from] !== "[") return { end: pastWord(text, from), depth: 0 };
  let [at, open, depth] = [from, 0, 0];
  do {
    const char = text[at];
    if (char === "{" || char === "[") open += 1;
    if (char === "}" || char === "]") open -= 1;
    depth = Math.max(depth, open);
    at = char === '"' ? pastText(text, at) : at + 1;
  } while (open > 0 && at < text.length);
  return { end: at, depth };
};

/**
 * Returns the source texts of the entries of a JSON array, in one pass. `text` must be a text that
 * `JSON.parse` accepts and turns into an array.
 */
export const entriesOf = (text: string): readonly string[] => {
  const entries: string[] = [];
  let at = pastSpace(text, pastSpace(text, 0) + 1);
  while (at < text.length && text[at] !== "]") {
    const { end } = pastValue(text, at);
    entries.push(text.slice(at, end));
    at = pastSpace(text, pastSpace(text, end) + 1);
  }
  return entries;
};

/**
 * Yields the members of a JSON object in source order, repeated names included, in one pass. `text`
 * must be a text that `JSON.parse` accepts and turns into an object.
 */
export const membersOf = function* (text: string): Generator<SourceMember> {
  let at = pastSpace(text, pastSpace(text, 0) + 1);
  while (at < text.length && text[at] === '"') {
    const nameEnd = pastText(text, at);
    const name: string = JSON.parse(text.slice(at, nameEnd));
    const from = pastSpace(text, pastSpace(text, nameEnd) + 1);
    const { end, depth } = pastValue(text, from);
    yield { name, source: text.slice(from, end), depth };
    at = pastSpace(text, pastSpace(text, end) + 1);
  }
};
