import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inWords } from "../adapters/in-words.ts";
import { faultLines } from "./fault-lines.ts";
import { type Stage, stageSchema } from "./stage.ts";

/** Account and region that replace those of every file, such as `-c account=…` gives them. */
export type Place = { readonly account?: string; readonly region?: string };

type Read = { readonly stages: readonly Stage[]; readonly faults: readonly string[] };

const isStageFile = (file: string): boolean =>
  file.endsWith(".json") && !file.endsWith(".example.json");

/** Parses the stage of a name. Each fault names the stage and the member. */
export const parseStage = (name: string, given: object, place: Place = {}): Read => {
  const replaced = Object.entries(place).filter(([, value]) => value !== undefined);
  const stage = { ...given, ...Object.fromEntries(replaced), name };
  const { data, error } = stageSchema.safeParse(stage, { error: inWords });
  if (data) return { stages: [data], faults: [] };
  const faults = faultLines(error, "is not a member of a stage");
  return { stages: [], faults: faults.map((fault) => `${name}: ${fault}`) };
};

const readStage = (folder: string, file: string, place: Place): Read => {
  const name = file.replace(/\.json$/, "");
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(join(folder, file), "utf8"));
  } catch {
    return { stages: [], faults: [`${name}: is not JSON`] };
  }
  return typeof given === "object" && given !== null && !Array.isArray(given)
    ? parseStage(name, given, place)
    : { stages: [], faults: [`${name}: must be a JSON object`] };
};

/**
 * Reads `<name>.json` of every stage in a folder, and reports the faults of all of them together. A
 * folder that does not exist has no stages.
 */
export const readStages = (folder: string, place: Place): Read => {
  const files = existsSync(folder) ? readdirSync(folder).filter(isStageFile).toSorted() : [];
  const read = files.map((file) => readStage(folder, file, place));
  return {
    stages: read.flatMap(({ stages }) => stages),
    faults: read.flatMap(({ faults }) => faults),
  };
};
