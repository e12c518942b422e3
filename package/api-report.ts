/**
 * The public API as a text: every name that the package exports, with its declaration, and those that
 * they are made of. `npm run api` writes it; a test fails when it changes without that.
 */
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Declaration, type Module, type Origin, readModule } from "./declarations.ts";
import { type Door, doors, packageDir, root } from "./doors.ts";

export const reportFile = join(root, "docs/reference/api.md");

type Found = Origin & { readonly declaration: Declaration };

const inlineImport = /import\("(\.[^"]+)"\)\.([A-Za-z_$][\w$]*)/g;

/** Reads modules once each, and finds what their names mean. */
const library = () => {
  const modules = new Map<string, Module>();
  const moduleAt = (file: string): Module => {
    const known = modules.get(file) ?? readModule(file);
    modules.set(file, known);
    return known;
  };
  /** Where a name of a file is declared. `undefined`: it is another package's, or the language's. */
  const find = ({ file, name }: Origin): Found | undefined => {
    const { declarations, imported, passedOn } = moduleAt(file);
    const declaration = declarations.find(({ names }) => names.includes(name));
    if (declaration) return { file, name, declaration };
    const elsewhere = imported.get(name) ?? passedOn.get(name);
    return elsewhere && find(elsewhere);
  };
  /** The declarations that one is made of. */
  const madeOf = ({ file, declaration }: Found): readonly Found[] => {
    const { text } = declaration;
    const named = [...text.replaceAll(/"[^"]*"/g, "").matchAll(/[A-Za-z_$][\w$]*/g)];
    const here = named.map(([name]) => ({ file, name }));
    const inline = [...text.matchAll(inlineImport)].map(([, path = "", name = ""]) => ({
      ...{ name, file: join(file, "..", path).replace(/(\.d)?\.ts$/, ".d.ts") },
    }));
    return [...here, ...inline].map(find).filter((each) => each !== undefined);
  };
  return { moduleAt, find, madeOf };
};

const keyOf = ({ file, declaration }: Found): string => `${file} ${declaration.names[0]}`;
const byName = (one: Origin, other: Origin): number => (one.name < other.name ? -1 : 1);

/** What a door exports, by the names that it has there. Throws if it passes on all of a module. */
const exportsOf = ({ find, moduleAt }: ReturnType<typeof library>, door: Door) => {
  const { declarations, passedOn, wholesale } = moduleAt(door.types);
  if (wholesale.length > 0)
    throw new Error(`${door.name} exports without saying what: ${wholesale.join(" ")}`);
  const own = declarations.filter(({ isExported }) => isExported).flatMap(({ names }) => names);
  return [...own, ...passedOn.keys()].map((name) => {
    const found = find({ file: door.types, name });
    if (!found) throw new Error(`${door.name}: the declaration of ${name} is not found`);
    return { ...found, as: name };
  });
};

const block = (texts: readonly string[]): string => `\`\`\`ts\n${texts.join("\n")}\n\`\`\`\n`;

/** A path in a declaration is of the package, and says nothing. */
const shown = ({ text }: Declaration): string => text.replaceAll(/import\("\.[^"]+"\)\./g, "");

/** Returns the report of what is built. Throws if a door passes on all of a module. */
export const apiReport = (of: readonly Door[] = doors()): string => {
  const read = library();
  const all = of.map((door) => ({ door, exported: exportsOf(read, door) }));
  const reached = new Map<string, Found>();
  const visit = (found: Found): void => {
    if (reached.has(keyOf(found))) return;
    reached.set(keyOf(found), found);
    for (const each of read.madeOf(found)) visit(each);
  };
  for (const each of all.flatMap(({ exported }) => exported)) visit(each);
  const isPublic = new Set(all.flatMap(({ exported }) => exported.map(keyOf)));
  const behind = [...reached.values()].filter((each) => !isPublic.has(keyOf(each)));
  const files = Map.groupBy(behind, ({ file }) => relative(packageDir, file));

  return [
    "# Public API\n",
    "Made by `npm run api` from the declarations of the package. What is public, and what a version",
    "promises about it, is in [versions](../internals/releases.md).\n",
    ...all.flatMap(({ door, exported }) => [
      `## ${door.name}\n`,
      block(exported.toSorted(byName).map(({ declaration }) => shown(declaration))),
    ]),
    "## What these are made of\n",
    "Not exported, so it has no name outside of the package. A change may still change what is above.\n",
    ...[...files]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([file, found]) => [
        `### ${file}\n`,
        block(found.toSorted(byName).map(({ declaration }) => shown(declaration))),
      ]),
  ].join("\n");
};

if (import.meta.main) writeFileSync(reportFile, apiReport());
