import { readFile } from "node:fs/promises";
import * as z from "zod";
import { limits } from "../domain/limits.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { countOption, durationOption, futureTime } from "./time-option.ts";

const methods = ["DELETE", "GET", "PATCH", "POST", "PUT"] as const;

/** The schema of headers: `name: value`, each; what a name and a value may be is the service's to say. */
export const headerLines = z.array(z.string()).transform((lines, context) => {
  const all: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ""] = /^([^:\s]+):\s*(.*)$/s.exec(line) ?? [];
    if (name === undefined)
      context.addIssue({ code: "custom", message: "must be such as 'x-order: 7'" });
    else if (Object.keys(all).some((other) => other.toLowerCase() === name.toLowerCase()))
      context.addIssue({ code: "custom", message: `names ${name} twice` });
    else all[name] = value;
  }
  return all;
});

/** Returns the options of a send. */
export const sendOptions = (now: number) =>
  z
    .object({
      targetUrl: z.string(),
      body: z.string().optional(),
      bodyFile: z.string().optional(),
      id: z.string().optional(),
      method: z
        .string()
        .toUpperCase()
        .pipe(z.enum(methods, `must be one of ${methods.join(", ")}`))
        .optional(),
      header: headerLines.optional(),
      deliverAt: futureTime(now).optional(),
      giveUpAt: futureTime(now).optional(),
      attempts: countOption(1, limits.attemptsMax).optional(),
      timeout: durationOption.optional(),
      traceparent: z.string().optional(),
      wait: z.boolean().optional(),
    })
    .refine(({ body, bodyFile }) => body === undefined || bodyFile === undefined, {
      path: ["bodyFile"],
      message: "cannot be given together with --body",
      // Checked also where other options are wrong.
      when: () => true,
    });
export type SendOptions = z.output<ReturnType<typeof sendOptions>>;

const bytesIn = async (io: Io, file: string): Promise<Buffer> => {
  if (file === "-") return io.readInput();
  try {
    return await readFile(file);
  } catch (error) {
    throw new Failed({
      kind: "usage",
      what: `Nothing was sent. ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      next: "Check --body-file; - is standard input.",
    });
  }
};

/** The members of a submission that make its body. */
export type Body = {
  readonly body?: unknown;
  readonly bodyBase64?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/**
 * Returns the members that deliver these bytes exactly, with the `content-type` of what they are.
 * JSON that would be written otherwise again, such as `10.00`, goes as bytes.
 */
const membersFor = (bytes: Buffer, headers: Body["headers"]): Body => {
  const text = bytes.toString("utf8");
  const bodyBase64 = bytes.toString("base64");
  if (!Buffer.from(text).equals(bytes)) return { bodyBase64, headers };
  const json = parsed(text);
  if (json === undefined) return { body: text, headers };
  const isSame = typeof json.value !== "string" && JSON.stringify(json.value) === text;
  if (isSame) return { body: json.value, headers };
  const hasType = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "content-type");
  return {
    bodyBase64,
    headers: hasType ? headers : { ...headers, "content-type": "application/json" },
  };
};

/** Returns the body of a send, and its headers. */
export const bodyOf = async (io: Io, { body, bodyFile, header }: SendOptions): Promise<Body> => {
  if (bodyFile !== undefined) return membersFor(await bytesIn(io, bodyFile), header);
  return body === undefined ? { headers: header } : membersFor(Buffer.from(body), header);
};
