import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import type { Setting } from "../adapters/settings.ts";
import { isSenderId } from "../domain/ids.ts";
import type { HandlerSettings } from "../handlers/compose.ts";
import type { TestPostriderOptions } from "./options.ts";

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
