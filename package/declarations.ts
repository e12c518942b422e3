import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A declaration of a module: its names, its text without comments, and whether it is exported. */
export type Declaration = {
  readonly names: readonly string[];
  readonly text: string;
  readonly isExported: boolean;
};

/** Where a name of a module comes from: another file, under the name that it has there. */
export type Origin = { readonly file: string; readonly name: string };

/** A declaration file of the compiler, read. */
export type Module = {
  readonly declarations: readonly Declaration[];
  /** What it imports from other files of ours, and what it passes on, by the name that it has here. */
  readonly imported: ReadonlyMap<string, Origin>;
  readonly passedOn: ReadonlyMap<string, Origin>;
  /** The statements by which it passes on all of a module, which a door must not. */
  readonly wholesale: readonly string[];
};

/** Comments, but those in strings: none of the compiler's output has such a string. */
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Statements begin at the start of a line, with one of these words. */
const statementsOf = (text: string): readonly string[] =>
  text
    .replaceAll(comments, "")
    .split(/^(?=(?:import|export|declare|type|interface|const)\b)/m)
    .map((statement) => statement.trim().replaceAll(/\n\s*\n/g, "\n"))
    .filter((statement) => statement !== "");

const clause = /^(?:import|export)(?: type)? \{([^}]*)\} from "([^"]+)";$/;
const declared =
  /^(export )?(?:declare )?(?:abstract )?(?:const|let|function|class|type|interface|enum) ([A-Za-z_$][\w$]*)/;

const declarationFile = (from: string, name: string): string =>
  join(dirname(from), name).replace(/(\.d)?\.ts$/, ".d.ts");

const originsIn = (statement: string, file: string): readonly (readonly [string, Origin])[] => {
  const [, names = "", module = ""] = clause.exec(statement) ?? [];
  if (!module.startsWith(".")) return [];
  return names
    .split(",")
    .map((each) => each.trim().replace(/^type /, ""))
    .filter((each) => each !== "")
    .map((each) => {
      const [name = "", here = name] = each.split(" as ");
      return [here, { file: declarationFile(file, module), name }] as const;
    });
};

const declarationOf = (statement: string): Declaration | undefined => {
  const [, exported, name] = declared.exec(statement) ?? [];
  if (name === undefined) return undefined;
  const text = statement.replace(/^export /, "").replace(/^declare /, "");
  return { names: [name], text, isExported: exported !== undefined };
};

/** Reads a file that the compiler made. Throws if it has a statement that is not understood. */
export const readModule = (file: string): Module => {
  const statements = statementsOf(readFileSync(file, "utf8"));
  const starting = (word: string) => statements.filter((each) => each.startsWith(word));
  const wholesale = statements.filter((each) => /^export (type )?\*/.test(each));
  const passing = starting("export").filter((each) => clause.test(each));
  const importing = starting("import ");
  const others = statements.filter(
    (each) => ![...wholesale, ...passing, ...importing, "export {};"].includes(each),
  );
  const declarations = others.map((statement) => {
    const declaration = declarationOf(statement);
    if (!declaration) throw new Error(`${file}: this is not understood: ${statement}`);
    return declaration;
  });
  const origins = (of: readonly string[]) => new Map(of.flatMap((each) => originsIn(each, file)));
  return { declarations, wholesale, imported: origins(importing), passedOn: origins(passing) };
};
