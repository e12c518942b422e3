import { systemChance } from "../../adapters/chance.ts";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock, systemSleep } from "../../adapters/clock.ts";
import { lambdaLog } from "../../adapters/lambda-log.ts";
import { putAnswer } from "../../adapters/put-answer.ts";
import { secretVersions } from "../../adapters/secret-versions.ts";
import { provisioner } from "../provision/provisioner.ts";
import { registryOf } from "../senders/registry.ts";
import { settingsOf, vaultOf } from "./start.ts";

const settings = settingsOf("senders");

/** Creates the senders that a stack declares: CloudFormation calls it. */
export const handler = provisioner({
  ...registryOf({ client: dynamoDbClient(), table: settings.table }),
  secrets: secretVersions(),
  openVault: () => vaultOf(settings),
  put: putAnswer,
  log: lambdaLog("senders"),
  ...{ clock: systemClock, sleep: systemSleep, chance: systemChance },
});
