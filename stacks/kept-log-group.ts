import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { StorageProps } from "./storage.ts";

export interface KeptLogGroupProps extends StorageProps {
  readonly logDays: number;
}

/** A log group that is kept for the stage's number of days, and as long as the stage's data. */
export class KeptLogGroup extends LogGroup {
  constructor(
    scope: Construct,
    id: string,
    { logDays, encryptionKey, removalPolicy }: KeptLogGroupProps,
  ) {
    super(scope, id, { retention: logDays as RetentionDays, encryptionKey, removalPolicy });
  }
}
