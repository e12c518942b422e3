import { join } from "node:path";
import { runScript } from "./children.ts";

/** A sender as the run knows it: with its key, and with what its receivers verify with. */
export type Tenant = {
  readonly senderId: string;
  readonly apiKey: string;
  readonly signingSecret: string;
};

/**
 * Makes senders straight in the table of a data directory, which nobody may have open: there is no
 * route for it, and one sender alone could not show that two are kept apart.
 */
export const addTenants = async (
  dataDir: string,
  senderIds: readonly string[],
): Promise<readonly Tenant[]> => {
  const script = join(import.meta.dirname, "add-tenants.ts");
  return JSON.parse(await runScript(script, dataDir, ...senderIds)) as readonly Tenant[];
};
