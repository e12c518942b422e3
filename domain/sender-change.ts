/** What an operator or a deployment may do to a sender. */
export const senderChanges = [
  "create-sender",
  "change-sender",
  "create-key",
  "revoke-key",
  "rotate-secret",
] as const;
export type SenderChange = (typeof senderChanges)[number];
