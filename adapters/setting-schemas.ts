import * as z from "zod";
import { parseCidr } from "../domain/address.ts";
import { parseDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { parseMasterKeys } from "./master-keys.ts";

export const wholeNumber = (min: number, max: number) => {
  const fault = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, fault)
    .transform(Number)
    .pipe(z.number().min(min, fault).max(max, fault));
};

const hourMs = 3_600_000;
export const milliseconds = (min: number, max = hourMs) => wholeNumber(min, max);

/** Returns the schema of a comma-separated list. Each entry that cannot be parsed is a fault. */
const listOf = <Entry>(what: string, parse: (text: string) => Entry | undefined) =>
  z.string().transform((text, context): readonly Entry[] => {
    const texts = text === "" ? [] : text.split(",").map((entry) => entry.trim());
    return texts.flatMap((entry) => {
      const parsed = parse(entry);
      if (parsed !== undefined) return [parsed];
      context.addIssue({ code: "custom", message: `${JSON.stringify(entry)} is not ${what}` });
      return [];
    });
  });

export const durations = listOf("a duration such as 30s", (text) => {
  const ms = parseDuration(text);
  return ms === undefined || ms > limits.waitMsMax ? undefined : ms;
}).refine((waits) => waits.length < limits.attemptsMax, "has too many entries");

const parseRanges = listOf("a range of addresses such as 10.0.0.0/8", parseCidr);

/** An empty text would count as not set, so an empty list is written `none`. */
export const ranges = z
  .string()
  .transform((text) => (text === "none" ? "" : text))
  .pipe(parseRanges);

export const yesOrNo = z.enum(["true", "false"]).transform((text) => text === "true");

export const plainHttp = z.enum(["true", "false", "allowed-ranges"]).transform((text) => {
  if (text === "allowed-ranges") return text;
  return text === "true" ? ("always" as const) : ("never" as const);
});

/** Tells whether a host is this machine: that a collector beside the process listens on. */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);

/**
 * The address of a collector (OpenTelemetry, "OTLP exporter configuration"). Without TLS only on this
 * machine: headers may hold a key, and spans say who calls whom. `none` becomes `undefined`.
 */
export const collectorEndpoint = z.string().transform((text, context) => {
  if (text === "none") return undefined;
  const fault = (message: string): never => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    return fault("must be a URL such as https://collector.example.com:4318");
  if (url.username !== "" || url.password !== "")
    return fault("must not contain credentials: they belong into the headers");
  if (url.search !== "" || url.hash !== "") return fault("must not have a query or a fragment");
  if (url.pathname.endsWith("/v1/traces"))
    return fault("must be without /v1/traces, which is added");
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return fault("must be https, or http to this machine such as http://localhost:4318");
  return text;
});

const notRatio = "must be a number from 0 to 1";
export const ratio = z
  .string()
  .regex(/^\d(\.\d+)?(e-\d{1,2})?$/, notRatio)
  .transform(Number)
  .pipe(z.number().min(0, notRatio).max(1, notRatio));

/** `key=value,…`, with values percent-encoded (OpenTelemetry, "Resource SDK"). `none` becomes `undefined`. */
export const keyValues = z
  .string()
  .regex(/^[^=,\s]+=[^,]*(,[^=,\s]+=[^,]*)*$|^none$/, "must be such as team=shop,stage=prod")
  .transform((text) => (text === "none" ? undefined : text));

/** `none` becomes `undefined`. */
export const optionalText = z
  .string()
  .min(1)
  .transform((text) => (text === "none" ? undefined : text));

/** `file` becomes `undefined`: the edition keeps a key in its data directory. */
export const masterKeysOrFile = z.string().transform((text, context) => {
  if (text === "file") return undefined;
  const { keys, faults } = parseMasterKeys(text);
  for (const message of faults) context.addIssue({ code: "custom", message });
  return keys;
});
