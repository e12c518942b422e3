/** What must hold between members. Each check runs once those that it reads are sound. */
import { Token } from "aws-cdk-lib";
import * as z from "zod";
import { wrongCouplings } from "../adapters/couplings.ts";
import { readSettings } from "../adapters/read-settings.ts";
import type { Tunables } from "./environment.ts";
import { functionSettings, shardsOf } from "./function-settings.ts";
import {
  certificateArn,
  dispatcher,
  type Endpoint,
  endpoint,
  type Members,
  region,
} from "./members.ts";
import { visibilityTimeout, workerTimeout } from "./times.ts";

type Checked = Pick<Members, "dispatcher" | "endpoint" | "settings"> & {
  readonly region: string;
};

const onceSound =
  (read: z.ZodType) =>
  ({ value }: { value: unknown }): boolean =>
    read.safeParse(value).success;

const certificateRegion = (to: Endpoint): string | undefined =>
  to.kind === "http-api" && to.domain
    ? certificateArn.exec(to.domain.certificateArn)?.[1]
    : undefined;

/** What a stack may know of its region only when it is deployed. */
const isSameRegion = (one: string, other: string | undefined): boolean =>
  other === undefined || Token.isUnresolved(one) || one === other;

/** The settings as the worker reads them, with what the stack itself gives to it. */
const workerSettings = (tuned: Tunables) =>
  readSettings("worker", {
    ...Object.fromEntries(
      Object.entries<string | undefined>(tuned).filter(([, text]) => !Token.isUnresolved(text)),
    ),
    POSTRIDER_TABLE: "table",
    POSTRIDER_QUEUE_URL: "https://queue.example",
    POSTRIDER_MASTER_KEY_SECRET: "secret",
    POSTRIDER_FUNCTION_TIMEOUT_MS: String(workerTimeout.toMilliseconds()),
    POSTRIDER_VISIBILITY_MS: String(visibilityTimeout.toMilliseconds()),
    UV_THREADPOOL_SIZE: "256",
  });

/** The checks, for the schemas of a stage and of the props. */
export const couplings = [
  z.refine<Checked>((given) => given.dispatcher.groups <= shardsOf(given.settings), {
    path: ["dispatcher", "groups"],
    error: "must not be more than there are shards (POSTRIDER_SHARDS)",
    when: onceSound(z.looseObject({ dispatcher, settings: functionSettings })),
  }),
  z.refine<Checked>((given) => isSameRegion(given.region, certificateRegion(given.endpoint)), {
    path: ["endpoint", "domain", "certificateArn"],
    error: "must be a certificate of the stack's region",
    when: onceSound(z.looseObject({ region, endpoint })),
  }),
  z.superRefine<Checked>(
    ({ settings }, context) => {
      for (const { variable, fault } of wrongCouplings(workerSettings(settings)))
        context.addIssue({ code: "custom", path: ["settings", variable], message: `is ${fault}` });
    },
    { when: onceSound(z.looseObject({ settings: functionSettings })) },
  ),
] as const;
