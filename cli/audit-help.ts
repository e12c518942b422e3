/** The options of the audit of a table. */
export const auditAccepted = {
  options: [
    ...["table", "secret", "shards", "grace", "late"],
    ...["units", "segments", "limit", "region"],
  ],
  flags: ["json"],
};

/** Returns the help of the audit: how it is called there, and what its exit codes mean there. */
export const auditHelp = (usage: string, exitCodes: string): string => `${usage}

Checks every message of a table, and says what is wrong and what to do. It only reads, shows ids,
states and times, and no header, body, URL or secret. The table may be in use. It says what it will
cost before it begins, and can be stopped at any time.

  --table <name>         the DynamoDB table: the output TableName of the stack
  --secret <ARN or name> the secret with the master key: the output MasterKeySecret. Without it the
                         content of messages with secret headers is not checked
  --shards <n>           POSTRIDER_SHARDS of the stage (8)
  --grace <time>         POSTRIDER_GRACE_MS of the stage, such as 2m (1m)
  --late <time>          how late the dispatcher may check a message (10m)
  --units <n>            read units a second, at most (100)
  --segments <n>         scans side by side (4)
  --limit <n>            stop after about so many items
  --json                 a line of JSON for each finding, and one for the summary
  --region <region>      where the stack is, if AWS_REGION or the profile does not say so

${exitCodes}

Credentials come from where the AWS CLI has them; AWS_PROFILE names a profile.
`;
