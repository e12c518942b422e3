/**
 * What Postrider promises, each with the name by which tests, counterexamples and the page
 * `docs/internals/testing.md` call it. The same functions judge the model, the simulation, a
 * killed process and a run under load.
 */
export const invariants = {
  ends: "A message that was acknowledged ends once faults stop: COMPLETED, FAILED or CANCELLED.",
  "one-holder": "One attempt number has one holder and one request; only the holder settles it.",
  lifecycle: "State moves only along the lifecycle; an ended message is left only by a replay.",
  unchanged: "What the sender gave never changes, and arrives byte for byte.",
  counted: "`attempts` rises by one, only in a claim, never past the allowance.",
  earned: "COMPLETED only if the target answered this message with 2xx.",
  erased: "An erased message has no content, is sent to nobody, and stays known.",
  "one-message": "One sender and message id is one message: other content never replaces it.",
  indexed:
    "In the due index exactly while it has not ended, in the failed index exactly while FAILED.",
  "not-early": "No attempt begins before its time, less the clock margin.",
  accountable: "Each attempt is in the history as delivered, failed or unknown, and as it was.",
  separate: "Nothing reaches a target that its sender did not hand over.",
  kept: "A message cannot expire while it is alive.",
  "looked-after": "A message that waits is looked at soon after its time, whatever it waits for.",
  attended: "A message that is held is looked at soon after its lease is over.",
  recorded:
    "While no record is lost and no clock wrong, a QUEUED message has its record on the queue.",
  cancelled: "After a cancel was asked for no attempt begins; nobody but the sender asks.",
  once: "A job replays a message once, in the round that it planned, and has an entry of it first.",
  doubled: "A request after the target accepted has a fault, or a replay, behind it.",
} as const;
export type Invariant = keyof typeof invariants;

/** An invariant that an event breaks, in a sentence with the values that show it. */
export type Violation = { readonly invariant: Invariant; readonly what: string };

/** The times that judging needs; those of the deployment under proof. */
export type Bounds = {
  readonly clockMarginMs: number;
  readonly resendAfterMs: number;
  /** How long after the end of a lease the look may be that finds a lost holder. */
  readonly lookAfterLeaseMs: number;
};
