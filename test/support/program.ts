import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Returns where a program is: as a variable of the environment says, or on the path. */
export const programNamed = (name: string, variable: string): string | undefined => {
  const named = process.env[variable];
  const places = named
    ? [named]
    : (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  return places.find(isProgram);
};
