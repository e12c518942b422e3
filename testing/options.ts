import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import type { Setting } from "../adapters/settings.ts";
import { isSenderId } from "../domain/ids.ts";
import type { HandlerSettings } from "../handlers/compose.ts";
import type { Worker } from "../worker/worker.ts";

export type TestPostriderOptions = {
  /** What the clock shows at first: a `Date`, a text of RFC 3339, or epoch milliseconds. */
  readonly startAt?: Date | string | number | undefined;
  /** The sender that `client` belongs to. Default: `shop`. */
  readonly senderId?: string | undefined;
  /** Makes the attempts in place of Postrider's own worker: the handler of a worker of yours. */
  readonly worker?: ((worker: Worker) => ReturnType<Worker["handler"]>) | undefined;
  /** Settings that are not at their default of a deployment, by variable, as a stage has them. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

export type TestSettings = {
  readonly startAt: number;
  readonly senderId: string;
  readonly handlers: HandlerSettings;
  readonly worker: TestPostriderOptions["worker"];
};

/** The same in every run: what a test sees does not depend on the day. */
const defaultStart = Date.parse("2026-01-01T00:00:00Z");

/** The handlers read no others: what is for a deployment or an edition means nothing here. */
const isOfHandlers = ({ readBy }: Setting): boolean =>
  readBy.includes("local") &&
  (["api", "worker", "dispatcher"] as const).some((reader) => readBy.includes(reader));
/** As a deployment has them, where a local edition differs; and one partition is enough. */
const asDeployed = {
  POSTRIDER_CLOCK_MARGIN_MS: "5000",
  POSTRIDER_ALLOW_TARGETS: "none",
  POSTRIDER_ALLOW_HTTP: "false",
  POSTRIDER_SHARDS: "1",
};

/** Reads the options. Throws an error that names every fault. */
export const readOptions = ({
  startAt = defaultStart,
  senderId = "shop",
  settings = {},
  worker,
}: TestPostriderOptions): TestSettings => {
  const start = new Date(startAt).getTime();
  const given = readGivenSettings("local", settings, { others: asDeployed, isKnown: isOfHandlers });
  const faults = [
    ...(Number.isNaN(start) ? ["startAt: must be a time such as 2026-01-31T12:00:00Z"] : []),
    ...(isSenderId(senderId) ? [] : ["senderId: must be 1 to 128 of A-Z a-z 0-9 _ . : -"]),
    ...given.faults,
  ];
  if (faults.length > 0) throw new ConfigurationError(faults, []);
  return { startAt: start, senderId, handlers: given.read(), worker };
};
