import { settingsReadBy } from "../adapters/read-settings.ts";
import { shardsOf } from "./function-settings.ts";
import type { Members } from "./members.ts";

/** Returns the settings of a deployment that its outboxes must share, by variable. */
export const outboxSettingsOf = ({
  settings,
  listAll,
}: Pick<Members, "settings" | "listAll">): Readonly<Record<string, string>> => {
  const variables = settingsReadBy("outbox").map(([, { variable }]) => variable);
  const tuned = Object.entries<string | undefined>(settings).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && variables.includes(entry[0]),
  );
  return {
    ...Object.fromEntries(tuned),
    // An outbox that is not told uses one shard, whatever the default of the deployment.
    POSTRIDER_SHARDS: String(shardsOf(settings)),
    POSTRIDER_LIST_ALL: String(listAll),
  };
};
