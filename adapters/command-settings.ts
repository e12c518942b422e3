import * as z from "zod";
import type { Environment } from "./environment.ts";
import type { Setting } from "./settings.ts";

const text = z.string();

/** The settings that only the command `postrider` reads. Each may be left out. */
export const commandSettings = {
  commandUrl: {
    variable: "POSTRIDER_URL",
    schema: text,
    readBy: ["command"],
    fallback: "",
    about: "Where Postrider is, such as `https://postrider.example.com`.",
  },
  commandKey: {
    variable: "POSTRIDER_KEY",
    schema: text,
    readBy: ["command"],
    fallback: "",
    about:
      "The API key to work with: of a sender, or of an operator for `senders`, `keys` and `secrets`.",
  },
  commandProfile: {
    variable: "POSTRIDER_PROFILE",
    schema: text,
    readBy: ["command"],
    fallback: "",
    about: "The profile to work with, see `postrider profiles`.",
  },
  commandSender: {
    variable: "POSTRIDER_SENDER",
    schema: text,
    readBy: ["command"],
    fallback: "",
    about: "The sender that the key belongs to. Only `send` and what operators do need it.",
  },
  commandSigningSecret: {
    variable: "POSTRIDER_SIGNING_SECRET",
    schema: text,
    readBy: ["command"],
    fallback: "",
    about:
      "The `whsec_` secret that `listen` verifies with and `check` signs with; several, comma-separated, for `listen`.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Returns a setting of the command, or `undefined` if it is not set. */
export const commandSetting = (
  environment: Environment,
  name: keyof typeof commandSettings,
): string | undefined => environment[commandSettings[name].variable] || undefined;
