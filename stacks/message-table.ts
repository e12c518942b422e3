import { RemovalPolicy } from "aws-cdk-lib";
import {
  type Attribute,
  AttributeType,
  Billing,
  Capacity,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { indexesOf, tableDescription } from "../entities/table.ts";
import type { Billing as BillingProps } from "./stage.ts";
import type { StorageProps } from "./storage.ts";

const { key: primary, numbers, ttl } = tableDescription;

const attribute = (name: string): Attribute => ({
  name,
  type: numbers.some((number) => number === name) ? AttributeType.NUMBER : AttributeType.STRING,
});

type Units = Extract<BillingProps, { mode: "provisioned" }>["readUnits"];
const autoscaled = ({ min, max }: Units): Capacity =>
  Capacity.autoscaled({ minCapacity: min, maxCapacity: max, seedCapacity: min });

/** Each index gets the units of the table: none is written more often than the table. */
const toBilling = (billing: BillingProps): Billing =>
  billing.mode === "on-demand"
    ? Billing.onDemand()
    : Billing.provisioned({
        readCapacity: autoscaled(billing.readUnits),
        writeCapacity: autoscaled(billing.writeUnits),
      });

export interface MessageTableProps extends StorageProps {
  readonly billing: BillingProps;
  /** Whether it has the index of all messages. */
  readonly listAll: boolean;
}

/** The one table, as `entities/table.ts` describes it, with 35 days of point-in-time recovery. */
export class MessageTable extends TableV2 {
  constructor(
    scope: Construct,
    id: string,
    { billing, listAll, encryptionKey, removalPolicy }: MessageTableProps,
  ) {
    super(scope, id, {
      partitionKey: attribute(primary.pk),
      sortKey: attribute(primary.sk),
      globalSecondaryIndexes: indexesOf(listAll).map(([indexName, { pk, sk }]) => ({
        indexName,
        partitionKey: attribute(pk),
        sortKey: attribute(sk),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      timeToLiveAttribute: ttl,
      billing: toBilling(billing),
      encryption: encryptionKey
        ? TableEncryptionV2.customerManagedKey(encryptionKey)
        : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
    });
  }
}
