/** A member of an object in a JSON text: its name, and the text of its value as it was written. */
export type SourceMember = {
  readonly name: string;
  readonly source: string;
  /** Arrays and objects inside one another in the value; 0 for a text, a number or a word. */
  readonly depth: number;
};

const isSpace = (char: string | undefined): boolean =>
  char === " " || char === "\n" || char === "\r" || char === "\t";

const pastSpace = (text: string, from: number): number => {
  let at = from;
  while (isSpace(text[at])) at += 1;
  return at;
};

/** Where the text that begins at `from`, with its quote, is over. */
const pastText = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
};

/** Where the number or word that begins at `from` is over. */
const pastWord = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && !isSpace(text[at]) && !",]}".includes(text[at] ?? "")) at += 1;
  return at;
};

/** Where the value that begins at `from` is over, and how deep it is. Counts instead of recursing. */
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
 * The members of the object that a JSON text is, in the order of the text, those that share a name
 * too. `text` must be a JSON text that `JSON.parse` makes an object of. One pass over it.
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
