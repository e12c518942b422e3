import type { Command } from "commander";
import * as z from "zod";
import { commandSetting } from "../adapters/command-settings.ts";
import type { Environment } from "../adapters/environment.ts";
import { parseSecret } from "../domain/signature.ts";
import { dataDirOf } from "./connection.ts";
import { findLocalEdition } from "./local-edition.ts";
import { type CommonOptions, usageFailure } from "./options.ts";

const fault = "must be a whsec_ secret of 24 to 64 bytes";
const isSecret = (text: string): boolean => parseSecret(text) !== undefined;

/** The schema of a signing secret that was given as an option. */
export const secretOption = z.string().refine(isSecret, fault);

/** The option, for the help of a command. */
export const secretFlag = [
  "--secret <whsec>",
  "a signing secret (POSTRIDER_SIGNING_SECRET, or that of the local edition); it stays in the history of your shell, so prefer the variable",
] as const;

/** Signing secrets, and what said so. */
export type Signing = { readonly secrets: readonly string[]; readonly from: string };

/**
 * Finds the signing secrets to work with: those of the option, of the environment, or that of the local
 * edition that runs. Throws a failure if the variable is not right; its text is not shown.
 */
export const findSigning = async (
  environment: Environment,
  command: Command,
  { secret = [], ...options }: CommonOptions & { readonly secret?: readonly string[] | undefined },
): Promise<Signing | undefined> => {
  if (secret.length > 0) return { secrets: secret, from: "--secret" };
  const set = commandSetting(environment, "commandSigningSecret");
  if (set !== undefined) {
    const secrets = set.split(",").map((text) => text.trim());
    if (secrets.every(isSecret)) return { secrets, from: "POSTRIDER_SIGNING_SECRET" };
    throw usageFailure(command, [`POSTRIDER_SIGNING_SECRET: ${fault}`]);
  }
  const found = await findLocalEdition(dataDirOf(environment, options));
  return found.kind === "running"
    ? { secrets: [found.signingSecret], from: "the local edition" }
    : undefined;
};
