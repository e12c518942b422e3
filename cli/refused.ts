import { failedCallOf } from "../adapters/failed-calls.ts";

/**
 * Why a command could not do its work, for the person who typed it. Nothing was done, unless it is
 * doubtful: then a call had no answer, and may have been done.
 */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly isDoubtful: boolean;

  constructor(message: string, { isDoubtful = false }: { readonly isDoubtful?: boolean } = {}) {
    super(message);
    this.isDoubtful = isDoubtful;
  }
}

const notSignedIn =
  "No AWS credentials were found. Sign in (aws sso login or aws configure), and name the profile in AWS_PROFILE if it is not the default one.";
const notAccepted =
  "AWS does not accept the credentials: the key is unknown or its secret is wrong. See aws sts get-caller-identity.";

const wordsByName: Readonly<Record<string, string>> = {
  CredentialsProviderError: notSignedIn,
  TokenProviderError: notSignedIn,
  ExpiredTokenException: "The AWS credentials have expired. Sign in again.",
  ExpiredToken: "The AWS credentials have expired. Sign in again.",
  UnrecognizedClientException: notAccepted,
  InvalidSignatureException: notAccepted,
  InvalidClientTokenId: notAccepted,
};

const unreachable = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"];

type Failure = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $fault?: string;
};

/** Tells whether a call had no answer. */
export const isUnanswered = ({ name, code }: Partial<Failure>): boolean =>
  name === "TimeoutError" || (code !== undefined && unreachable.includes(code));

/** Tells whether a failed call may have changed the table all the same. */
export const isDoubtful = (error: Failure): boolean => {
  const isWrite = ["PutItem", "UpdateItem"].includes(failedCallOf(error)?.operation ?? "");
  return isWrite && (isUnanswered(error) || error.$fault === "server");
};

/** Returns a failure of AWS, or of the network, in plain words; `undefined` for any other error. */
const wordsFor = ({ name, message, code, $fault }: Failure, what: string): string | undefined => {
  const words = wordsByName[name];
  if (words) return words;
  if (message === "Region is missing")
    return "No region is set. Pass --region us-east-1, or set AWS_REGION.";
  if (code !== undefined && unreachable.includes(code))
    return `AWS cannot be reached for ${what} (${code}). Check the region and the network.`;
  if (name === "TimeoutError")
    return `AWS does not answer for ${what}. Check the region and the network.`;
  if (name === "ResourceNotFoundException")
    return `There is no ${what.replace(/^the /, "")} in this account and region. The outputs of the stack have its name; --region and AWS_PROFILE select where to look.`;
  if (name === "AccessDeniedException")
    return `These credentials may not use ${what}. AWS says: ${message}`;
  if (/Throttl|ProvisionedThroughput|TooManyRequests/.test(name))
    return `AWS is throttling calls of ${what}. Try again in a minute.`;
  return $fault === undefined ? undefined : `AWS says about ${what}: ${message} (${name})`;
};

/**
 * Runs calls of something on AWS, such as `the table orders`. Throws Refused for what AWS refuses;
 * any other error is a bug and is thrown as it is.
 */
export const ask = async <Result>(what: string, effect: () => Promise<Result>): Promise<Result> => {
  try {
    return await effect();
  } catch (error) {
    const words = wordsFor(error as Failure, what);
    if (words === undefined) throw error;
    throw new Refused(words, { isDoubtful: isDoubtful(error as Failure) });
  }
};
