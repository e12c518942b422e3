import { comparedBody, fingerprintKeyId, isRepeat, isSpelledAs, type Mac } from "./fingerprint.ts";
import type { Message } from "./message.ts";
import type { Submission } from "./submission.ts";

const eitherWay = <Value>(value: Value | undefined): readonly (Value | undefined)[] =>
  value === undefined ? [undefined] : [undefined, value];

/**
 * Yields every submission that may have made a message, at most 32, the likeliest first. The
 * message does not tell defaults from values its sender gave, and the fingerprint covers only the
 * latter. `message` has the headers as given and the body.
 */
const submissionsOf = function* (message: Message): Generator<Submission> {
  const { senderId, messageId, timestamp, targetUrl, method, headers, body } = message;
  const { bodyType, deliverAt, attemptsAllowed, attemptsBefore, redact } = message;
  const given = { senderId, messageId, timestamp, targetUrl, method, headers, redact };
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
 * Tells by the fingerprint whether a message is what its sender submitted. A JSON body stored in
 * the message is compared by value, one stored apart by its bytes. Returns `undefined` where it
 * cannot be known: for a replayed message whose sender gave `giveUpAt` (the replay moved it), and
 * for a keyed fingerprint without its `mac`. Throws if the `mac` does not have the key.
 */
export const isAsGiven = (message: Message, mac?: Mac): boolean | undefined => {
  if (!mac && fingerprintKeyId(message.fingerprint) !== undefined) return undefined;
  const body = comparedBody(message);
  if (message.payload && !isSpelledAs(message.fingerprint, message, body)) return false;
  for (const submission of submissionsOf(message))
    if (isRepeat(message.fingerprint, submission, mac ?? (() => ""), body)) return true;
  return message.replays > 0 ? undefined : false;
};
