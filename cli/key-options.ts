import * as z from "zod";
import { parseTime } from "../domain/time.ts";
import { labelOption } from "./arguments.ts";

const scopeList = <Scope extends string>(scopes: readonly Scope[]) =>
  z
    .string()
    .transform((text) => text.split(",").map((scope) => scope.trim()))
    .pipe(z.array(z.enum(scopes, `must be one or more of ${scopes.join(", ")}`)).min(1))
    .transform((list): readonly Scope[] => scopes.filter((scope) => list.includes(scope)));

const expiry = (now: number) =>
  z
    .string()
    .transform((text, context) => {
      const parsed = parseTime(text);
      if ("ms" in parsed) return parsed.ms;
      context.addIssue({ code: "custom", message: parsed.fault });
      return z.NEVER;
    })
    .refine((expiresAt) => expiresAt > now, "must be in the future");

/** Returns the options of a command that creates a key with one or more of these scopes. */
export const keyOptions = <Scope extends string>(scopes: readonly Scope[], now: number) => ({
  label: labelOption.min(1, "must not be empty").optional(),
  scopes: scopeList(scopes).optional(),
  expires: expiry(now).optional(),
});

/** Returns what a new key may do, and until when. */
export const mayDo = (scopes: readonly string[], expiresAt: number | undefined): string =>
  `${scopes.join(", ")}${expiresAt === undefined ? "" : `, until ${new Date(expiresAt).toISOString()}`}`;
