import { comparedBody, fingerprintKeyId, isRepeat, isSpelledAs, type Mac } from "./fingerprint.ts";
import type { Message } from "./message.ts";
import type { Submission } from "./submission.ts";

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
 * Whether a message is what its sender gave, by its fingerprint; of a JSON body that is stored within
 * the message its value counts, of one that is stored apart each byte. Nobody can tell (`undefined`) of
 * one that was replayed, if its sender had named a last moment: the replay has moved that; nor of a
 * keyed one without its `mac`. Throws if the `mac` has not got its key.
 */
export const isAsGiven = (message: Message, mac?: Mac): boolean | undefined => {
  if (!mac && fingerprintKeyId(message.fingerprint) !== undefined) return undefined;
  const body = comparedBody(message);
  if (message.payload && !isSpelledAs(message.fingerprint, message, body)) return false;
  for (const submission of submissionsOf(message))
    if (isRepeat(message.fingerprint, submission, mac ?? (() => ""), body)) return true;
  return message.replays > 0 ? undefined : false;
};
