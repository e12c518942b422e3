import { join } from "node:path";
import * as z from "zod";
import { readIfThere, writePrivately } from "./private-file.ts";

/**
 * How an operator's command on the same machine reaches the table of a running local edition:
 * `accessKeyId` is the secret of its embedded engine, new at each start. `masterKeyId` names the
 * key that the edition encrypts with.
 */
export type OperatorAccess = {
  readonly table: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly masterKeyId: string;
};

const schema = z.object({
  table: z.string(),
  endpoint: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  accessKeyId: z.string().min(1),
  masterKeyId: z.string(),
});

/** Returns the path of the file with the access, which exists while the edition runs. */
export const operatorFile = (dataDir: string): string => join(dataDir, "operator.json");

/** Writes the access for operators' commands. Only the owner of the file can read it. */
export const writeOperatorAccess = (dataDir: string, access: OperatorAccess): Promise<void> =>
  writePrivately(operatorFile(dataDir), `${JSON.stringify(access, undefined, 2)}\n`);

/**
 * Reads the access. Returns `undefined` if there is no valid file, and rejects if it cannot be
 * read. A killed edition leaves its file behind: `listenerAt` tells whether it still runs.
 */
export const readOperatorAccess = async (dataDir: string): Promise<OperatorAccess | undefined> => {
  const text = await readIfThere(operatorFile(dataDir));
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
};
