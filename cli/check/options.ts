import * as z from "zod";
import { type Cidr, parseCidr } from "../../domain/address.ts";
import { headerFaults } from "../../domain/header-rules.ts";
import { limits } from "../../domain/limits.ts";
import { type TargetPolicy, targetUrlFaults } from "../../domain/target-url.ts";
import { headerLines } from "../send-options.ts";
import { secretOption } from "../signing-secret.ts";
import { durationOption } from "../time-option.ts";

/** The addresses of a machine or network of one's own. Link-local ones, such as metadata, are not. */
const privateRanges: readonly Cidr[] = [
  ...["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
].flatMap((range) => parseCidr(range) ?? []);

/** Returns what a deployment permits unless it is told otherwise, or private addresses besides. */
export const policyOf = (allowPrivate: boolean): TargetPolicy =>
  allowPrivate
    ? { allowed: privateRanges, http: "allowed-ranges" }
    : { allowed: [], http: "never" };

/** The time-out of an attempt, unless a message or a deployment has another. */
const timeoutMsDefault = 15_000;
const timeoutFault = `must be from ${limits.timeoutMsMin}ms to ${limits.timeoutMsMax / 1000}s`;

const hint = "; --allow-private permits it, for a receiver of your own";

const header = headerLines.superRefine((headers, context) => {
  for (const { name, message } of headerFaults(headers))
    context.addIssue({ code: "custom", message: `${name} ${message}` });
});

/** The options of a check. */
export const checkOptions = z
  .object({
    url: z.string(),
    secret: z.array(secretOption).max(1, "must be given once: one secret signs").optional(),
    header: header.default({}),
    body: z.string().optional(),
    timeout: durationOption
      .refine((ms) => ms >= limits.timeoutMsMin && ms <= limits.timeoutMsMax, timeoutFault)
      .default(timeoutMsDefault),
    allowPrivate: z.boolean().default(false),
    yes: z.boolean().default(false),
  })
  .superRefine(
    ({ url, allowPrivate }, context) => {
      const ownFaults = targetUrlFaults(url, policyOf(true));
      for (const fault of targetUrlFaults(url, policyOf(allowPrivate))) {
        const message = ownFaults.includes(fault) ? fault : `${fault}${hint}`;
        context.addIssue({ code: "custom", path: ["url"], message });
      }
    },
    // Checked also where other options are wrong.
    { when: () => true },
  );
