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
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { indexesOf, tableDescription } from "../entities/table.ts";
import { faultLines } from "./fault-lines.ts";
import type { PostriderMembers } from "./member-props.ts";
import { type Billing as BillingProps, members } from "./members.ts";

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

export interface PostriderTableProps
  extends Pick<PostriderMembers, "billing" | "listAll" | "retainData"> {
  /**
   * A KMS key for the table.
   * @default - AWS encrypts with a key of its own
   */
  readonly encryptionKey?: IKey;
}

const { billing, listAll, retainData } = members;
const schema = z.object({ billing, listAll, retainData });

/**
 * The one table, as `entities/table.ts` describes it, with 35 days of point-in-time recovery. A
 * Postrider makes its own. Make it yourself to have it in another stack than the functions.
 */
export class PostriderTable extends TableV2 {
  constructor(scope: Construct, id: string, props: PostriderTableProps = {}) {
    const { data, error } = schema.safeParse(props, { error: inWords });
    if (!data) throw new Error(faultLines(error, "is not a prop of PostriderTable").join("\n"));
    super(scope, id, {
      partitionKey: attribute(primary.pk),
      sortKey: attribute(primary.sk),
      globalSecondaryIndexes: indexesOf(data.listAll).map(([indexName, { pk, sk }]) => ({
        indexName,
        partitionKey: attribute(pk),
        sortKey: attribute(sk),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      timeToLiveAttribute: ttl,
      billing: toBilling(data.billing),
      encryption: props.encryptionKey
        ? TableEncryptionV2.customerManagedKey(props.encryptionKey)
        : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: data.retainData,
      removalPolicy: data.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
