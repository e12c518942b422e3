import type { Metafile } from "esbuild";

/** What a bundle is made of: a package, or a folder of ours, and its bytes. Largest first. */
export type Part = { readonly part: string; readonly bytes: number };

const partOf = (file: string): string => {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  if (name) return name;
  return file.includes("/") ? "Postrider itself" : file;
};

export const partsOf = (metafile: Metafile): readonly Part[] => {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs))
      bytes.set(partOf(file), (bytes.get(partOf(file)) ?? 0) + bytesInOutput);
  return [...bytes]
    .map(([part, each]) => ({ part, bytes: each }))
    .sort((one, other) => other.bytes - one.bytes);
};
