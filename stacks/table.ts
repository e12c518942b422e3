import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import {
  type Attribute,
  AttributeType,
  Billing,
  Capacity,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { Key } from "aws-cdk-lib/aws-kms";
import { tableDescription } from "../entities/table.ts";
import type { Provisioned, Stage } from "./config.ts";

const { key: primary, indexes, numbers, ttl } = tableDescription;

const attribute = (name: string): Attribute => ({
  name,
  type: numbers.some((number) => number === name) ? AttributeType.NUMBER : AttributeType.STRING,
});

const scaled = ({ min, max }: Provisioned["readUnits"]): Capacity =>
  Capacity.autoscaled({ minCapacity: min, maxCapacity: max, seedCapacity: min });

/** Each index gets the units of the table: none is written to more often than the table is. */
const billingOf = (billing: Stage["billing"]): Billing =>
  billing === "on-demand"
    ? Billing.onDemand()
    : Billing.provisioned({
        readCapacity: scaled(billing.readUnits),
        writeCapacity: scaled(billing.writeUnits),
      });

/** The one table, as `entities/table.ts` describes it. It can be taken back to any second of 35 days. */
export const messageTable = (stack: Stack, stage: Stage, key: Key | undefined): TableV2 =>
  new TableV2(stack, "Table", {
    partitionKey: attribute(primary.pk),
    sortKey: attribute(primary.sk),
    globalSecondaryIndexes: Object.entries(indexes).map(([indexName, { pk, sk }]) => ({
      indexName,
      partitionKey: attribute(pk),
      sortKey: attribute(sk),
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    timeToLiveAttribute: ttl,
    billing: billingOf(stage.billing),
    encryption: key ? TableEncryptionV2.customerManagedKey(key) : TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: stage.keepsData,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
