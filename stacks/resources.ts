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
import { SendersFunction } from "./senders-function.ts";
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

type Made = {
  readonly storage: StorageProps;
  readonly stores: Stores;
  readonly namespace: string;
};

const commonOf = (props: Props, { storage, namespace }: Made) => {
  const { name: stageName, logDays, codeFolder, settings } = props;
  return { ...storage, stageName, logDays, codeFolder, settings, metricsNamespace: namespace };
};

/**
 * Makes the function that creates senders. Outside of a VPC: it asks AWS alone, and must reach S3, where
 * CloudFormation takes answers. Not shifted by a canary: CloudFormation calls what it deploys.
 */
export const sendersFunctionOf = (scope: Construct, props: Props, made: Made): SendersFunction =>
  new SendersFunction(scope, "SendersFunction", {
    ...{ ...commonOf(props, made), table: made.stores.table, masterKey: made.stores.masterKey },
    ...{ network: undefined, isShifted: false, logGroup: props.logGroups.senders },
  });

/** Makes the four functions, or three where the app has a worker of its own. */
export const functionsOf = (scope: Construct, props: Props, made: Made): Functions => {
  const { name: stageName, listAll, logGroups, vpc, tracing, worker } = props;
  const { table, queues, masterKey } = made.stores;
  const common = {
    ...commonOf(props, made),
    network: vpc && networkOf(scope, { ...props, stageName, vpc }),
    isShifted: props.canary !== undefined,
  };
  const store = { ...common, table, queues };
  return {
    api: new ApiFunction(scope, "Api", {
      ...{ ...store, masterKey, listAll, tracing, ...props.api },
      logGroup: logGroups.api,
    }),
    ...(worker !== false && {
      worker: new WorkerFunction(scope, "Worker", {
        ...{ ...store, masterKey, tracing, ...worker },
        logGroup: logGroups.worker,
      }),
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
