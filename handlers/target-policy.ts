import type { SettingsOf } from "../adapters/read-settings.ts";
import type { TargetPolicy } from "../domain/target-url.ts";

/** Returns which targets deliveries may reach, by the settings. */
export const targetPolicyOf = ({
  allowTargets: allowed,
  allowHttp: http,
}: Pick<SettingsOf<"local">, "allowTargets" | "allowHttp">): TargetPolicy => ({ allowed, http });
