import { settingsReadBy } from "../adapters/read-settings.ts";
import { shardsOf } from "./function-settings.ts";
import type { Members } from "./members.ts";

/** The settings that are not at their default and that one of our libraries reads, by variable. */
const tunedFor = (reader: "outbox" | "ownWorker", settings: Members["settings"]) => {
  const variables = settingsReadBy(reader).map(([, { variable }]) => variable);
  return Object.fromEntries(
    Object.entries<string | undefined>(settings).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && variables.includes(entry[0]),
    ),
  );
};

/** Returns the settings of a deployment that its outboxes must share, by variable. */
export const outboxSettingsOf = ({
  settings,
  listAll,
}: Pick<Members, "settings" | "listAll">): Readonly<Record<string, string>> => ({
  ...tunedFor("outbox", settings),
  // An outbox that is not told uses one shard, whatever the default of the deployment.
  POSTRIDER_SHARDS: String(shardsOf(settings)),
  POSTRIDER_LIST_ALL: String(listAll),
});

/** Returns the settings of a deployment that a worker of the app's own must share, by variable. */
export const ownWorkerSettingsOf = (
  settings: Members["settings"],
): Readonly<Record<string, string>> => ({
  ...tunedFor("ownWorker", settings),
  POSTRIDER_SHARDS: String(shardsOf(settings)),
});
