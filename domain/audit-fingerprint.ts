import type { Message } from "./message.ts";
import { fingerprintOf, type Submission } from "./submission.ts";

const eitherWay = <Value>(value: Value | undefined): readonly (Value | undefined)[] =>
  value === undefined ? [undefined] : [undefined, value];

/**
 * Every submission that can have made a message: what it took from the defaults cannot be told from
 * what its sender asked for, and the fingerprint counts only the latter. 32 at most, the likeliest
 * first. `message` has headers as they were given, and its body.
 */
const submissionsOf = function* (message: Message): Generator<Submission> {
  const { senderId, messageId, timestamp, targetUrl, method, headers, body } = message;
  const { bodyType, deliverAt, attemptsAllowed, attemptsBefore } = message;
  const given = { senderId, messageId, timestamp, targetUrl, method, headers };
  const always = { ...given, body, bodyType, deliverAt };
  for (const retentionDays of eitherWay(message.retentionDays))
    for (const timeoutMs of eitherWay(message.timeoutMs))
      for (const giveUpAt of eitherWay(message.giveUpAt))
        for (const scheduleMs of eitherWay(message.scheduleMs))
          for (const maxAttempts of eitherWay(attemptsAllowed - attemptsBefore)) {
            const asked = { maxAttempts, scheduleMs, giveUpAt, timeoutMs, retentionDays };
            yield { ...always, ...asked };
          }
};

/**
 * Whether a message is what its sender gave, by its fingerprint. Nobody can tell (`undefined`) of
 * one that was replayed, if its sender had named a last moment: the replay has moved that.
 */
export const isAsGiven = (message: Message): boolean | undefined => {
  for (const submission of submissionsOf(message))
    if (fingerprintOf(submission) === message.fingerprint) return true;
  return message.replays > 0 ? undefined : false;
};
