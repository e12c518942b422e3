import * as z from "zod";
import { labelPattern } from "../domain/api-key.ts";
import { isSenderId } from "../domain/ids.ts";
import { limits } from "../domain/limits.ts";

/** The options of a command, each with a value, and its flags. */
export type Accepted = { readonly options: readonly string[]; readonly flags: readonly string[] };

/** A parsed command line, or all of its faults, a line each. */
export type Read<Ask> =
  | { readonly kind: "help" }
  | { readonly kind: "ask"; readonly ask: Ask }
  | { readonly kind: "faults"; readonly faults: readonly string[] };

/** Returns the schema of a required option. */
export const required = (example: string) =>
  z.string(`is required, such as --… ${example}`).min(1, "must not be empty");

export const tableOption = required("postrider-prod-Table…")
  .regex(/^(?!arn:)/, "must be the name of a table, not its ARN")
  .regex(/^[\w.-]{3,255}$/, "must be the name of a table: 3 to 255 of A-Z a-z 0-9 _ . -");
export const secretOption = required("arn:aws:secretsmanager:…");
export const senderOption = required("shop").refine(
  isSenderId,
  `must be 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ . : -`,
);
export const regionOption = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as us-east-1")
  .optional();
export const labelOption = z
  .string()
  .max(limits.labelCharsMax, `must have at most ${limits.labelCharsMax} characters`)
  .regex(labelPattern, "must be one line of text");
export const flag = z.boolean().optional();

/** The options that say where a command works: on AWS, or on a local edition. */
export const places = {
  table: tableOption.optional(),
  region: regionOption,
  local: flag,
  "data-dir": required(".postrider").optional(),
};
export const placesWithSecret = { ...places, secret: secretOption.optional() };

type Places = z.infer<z.ZodObject<typeof placesWithSecret>>;

/** Returns the option that asks for a local edition, if one does. */
export const localOptionOf = (given: Places): "--local" | "--data-dir" | undefined => {
  if (given.local) return "--local";
  return given["data-dir"] === undefined ? undefined : "--data-dir";
};

const examples = { table: "postrider-prod-Table…", secret: "arn:aws:secretsmanager:…" } as const;

/**
 * Returns what must hold between these options: either each that is needed on AWS, or one that asks
 * for a local edition and none for AWS. Checked also where other options are wrong.
 */
export const placeRules = (...needed: readonly (keyof typeof examples)[]) =>
  z.superRefine<Places>(
    (given, context) => {
      const local = localOptionOf(given);
      const fault = (name: string, message: string): void =>
        context.addIssue({ code: "custom", path: [name], message });
      for (const name of ["table", "secret", "region"] as const)
        if (local && given[name] !== undefined)
          fault(name, `cannot be given together with ${local}`);
      for (const name of needed)
        if (!local && given[name] === undefined)
          fault(
            name,
            `is required, such as --${name} ${examples[name]}, or --local for the local edition`,
          );
    },
    { when: () => true },
  );

type Words = {
  /** The given values by option. */
  readonly values: Readonly<Record<string, string | boolean>>;
  readonly faults: readonly (readonly [word: string, fault: string])[];
};

/** Splits a command line. Not by `parseArgs` of Node, which stops at the first fault. */
const wordsOf = (args: readonly string[], { options, flags }: Accepted): Words => {
  const values = new Map<string, string | boolean>();
  const faults: [string, string][] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const next = args[at + 1];
    // Otherwise an option without a value would take the next option as its value.
    const follows = inline === undefined && next !== undefined && !next.startsWith("--");
    const value = flags.includes(name) || (inline ?? (follows ? next : undefined));
    if (name === "") faults.push([arg, "does not belong to an option"]);
    else if (![...options, ...flags].includes(name)) faults.push([`--${name}`, "is not an option"]);
    else if (values.has(name)) faults.push([`--${name}`, "is given twice"]);
    else if (value === true && inline !== undefined) faults.push([`--${name}`, "takes no value"]);
    else if (value === undefined) faults.push([`--${name}`, "needs a value"]);
    else values.set(name, value);
    // The value belongs to the option, also to an unknown one.
    if (name !== "" && follows && !flags.includes(name)) at += 1;
  }
  return { values: Object.fromEntries(values), faults };
};

/** Parses a command line and reports every fault at once. */
export const readArguments = <Ask>(
  args: readonly string[],
  accepted: Accepted,
  schema: z.ZodType<Ask>,
): Read<Ask> => {
  if (args.includes("--help") || args.includes("-h")) return { kind: "help" };

  const { values, faults: ofWords } = wordsOf(args, accepted);
  const parsed = schema.safeParse(values);
  const issues = parsed.success ? [] : parsed.error.issues;
  const ofMeaning = issues
    .map(({ path, message }) => {
      const word = `--${path[0] as string}`;
      return [word, message.replace("--…", word)] as const;
    })
    // The first fault of an option explains the others.
    .filter(
      ([word], at, all) => ![...ofWords, ...all.slice(0, at)].some(([other]) => other === word),
    );
  const faults = [...ofWords, ...ofMeaning].map(([word, fault]) => `${word}: ${fault}`);
  if (parsed.success && faults.length === 0) return { kind: "ask", ask: parsed.data };
  return { kind: "faults", faults };
};
