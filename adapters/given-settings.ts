import { ConfigurationError } from "./environment.ts";
import { type EnvironmentOf, readSettings, type SettingsOf } from "./read-settings.ts";
import { type Reader, type Setting, settings as table } from "./settings.ts";

/** Settings that a function is given as its option `settings`, by variable. */
export type GivenSettings = Readonly<Record<string, string>>;

const faultsIn = (read: () => unknown): readonly string[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
};

/**
 * Reads settings that are an option of a function: `read` is for when there are no faults. What the
 * option leaves out has its value in `others`, or its fallback. A name that no `isKnown` setting has
 * is a fault: nothing else is given there, so it is misspelt.
 */
export const readGivenSettings = <R extends Reader>(
  reader: R,
  given: GivenSettings,
  {
    others,
    isKnown = () => true,
  }: { readonly others?: EnvironmentOf<R>; readonly isKnown?: (setting: Setting) => boolean },
): { readonly faults: readonly string[]; readonly read: () => SettingsOf<R> } => {
  const known = Object.values<Setting>(table).filter(isKnown);
  const unknown = Object.keys(given).filter(
    (name) => !known.some(({ variable }) => variable === name),
  );
  const read = () => readSettings(reader, { ...others, ...given });
  return {
    read,
    faults: [
      ...faultsIn(read).map((fault) => `settings.${fault}`),
      ...unknown.map((name) => `settings.${name}: is not a setting`),
    ],
  };
};
