import { readFile } from "node:fs/promises";
import { parseSecret } from "../domain/signature.ts";
import { Refused } from "./refused.ts";

/** Returns the signing secret in a file. */
export const secretIn = async (file: string): Promise<string> => {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Refused(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (parseSecret(text.trim())) return text.trim();
  throw new Refused(
    `${file} does not hold a signing secret: whsec_ and the base64 of 24 to 64 bytes, as Standard Webhooks has it.`,
  );
};
