import { RemovalPolicy } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { DeadLetterFunction } from "./dead-letter-function.ts";
import { DispatcherFunction } from "./dispatcher-function.ts";
import { DataKey, letLogsUse } from "./keys.ts";
import { MasterKey } from "./master-key.ts";
import type { Functions } from "./monitoring.ts";
import { networkOf } from "./network.ts";
import { PostriderTable } from "./postrider-table.ts";
import { Queues } from "./queues.ts";
import type { Props } from "./read-props.ts";
import type { StorageProps } from "./storage.ts";
import { WorkerFunction } from "./worker-function.ts";

/** What everything that stores data takes: the app's own key, one that is made, or none. */
export const storageOf = (scope: Construct, props: Props): StorageProps => {
  const removalPolicy = props.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  if (props.encryptionKey) {
    letLogsUse(props.encryptionKey, scope);
    return { encryptionKey: props.encryptionKey, removalPolicy };
  }
  const encryptionKey =
    props.encryption === "customer-key"
      ? new DataKey(scope, "Key", { stageName: props.name, removalPolicy })
      : undefined;
  return { encryptionKey, removalPolicy };
};

/** What is stored: messages, records, and the keys that secrets are encrypted with. */
export interface Stores {
  readonly table: ITable;
  readonly queues: Queues;
  readonly masterKey: MasterKey;
}

/** Makes what is stored, but for a table of the app's own. */
export const storesOf = (scope: Construct, props: Props, storage: StorageProps): Stores => {
  const { billing, listAll, retainData } = props;
  const { encryptionKey } = storage;
  const own = { billing, listAll, retainData, encryptionKey };
  return {
    table: props.table ?? new PostriderTable(scope, "Table", own),
    queues: new Queues(scope, "Queues", storage),
    masterKey: new MasterKey(scope, "MasterKey", { ...storage, stageName: props.name }),
  };
};

/** Makes the four functions. */
export const functionsOf = (
  scope: Construct,
  props: Props,
  { storage, stores, namespace }: { storage: StorageProps; stores: Stores; namespace: string },
): Functions => {
  const {
    name: stageName,
    logDays,
    codeFolder,
    settings,
    listAll,
    logGroups,
    vpc,
    tracing,
  } = props;
  const { table, queues, masterKey } = stores;
  const common = {
    ...{ ...storage, stageName, logDays, codeFolder, settings, metricsNamespace: namespace },
    network: vpc && networkOf(scope, { ...props, stageName, vpc }),
    isShifted: props.canary !== undefined,
  };
  const store = { ...common, table, queues };
  return {
    api: new ApiFunction(scope, "Api", {
      ...{ ...store, masterKey, listAll, tracing, ...props.api },
      logGroup: logGroups.api,
    }),
    worker: new WorkerFunction(scope, "Worker", {
      ...{ ...store, masterKey, tracing, ...props.worker },
      logGroup: logGroups.worker,
    }),
    dispatcher: new DispatcherFunction(scope, "Dispatcher", {
      ...{ ...store, listAll, ...props.dispatcher },
      logGroup: logGroups.dispatcher,
    }),
    deadLetter: new DeadLetterFunction(scope, "DeadLetter", {
      ...{ ...common, deadLetters: queues.deadLetters },
      logGroup: logGroups.deadLetter,
    }),
  };
};
