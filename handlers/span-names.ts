/** The names of what OpenTelemetry has no convention for. */
export const ownAttributes = {
  sender: "postrider.sender.id",
  attempt: "postrider.attempt",
  replay: "postrider.replay",
  duplicate: "postrider.duplicate",
  problem: "postrider.problem",
} as const;

/** The `messaging.system` of every message. */
export const messagingSystem = "postrider";
