/** What a command could not do, in words for whoever has typed it. Nothing was done, or it says so. */
export class Refused extends Error {
  override readonly name = "Refused";
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

const unreachable = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"];

type Failure = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $fault?: string;
};

/** What AWS, or the way to it, says about a thing, in plain words; nothing if it is not about AWS. */
const wordsFor = ({ name, message, code, $fault }: Failure, what: string): string | undefined => {
  const words = wordsByName[name];
  if (words) return words;
  if (message === "Region is missing")
    return "No region is set. Say --region us-east-1, or set AWS_REGION.";
  if (code !== undefined && unreachable.includes(code))
    return `AWS cannot be reached for ${what} (${code}). Is the region right, and is there a network?`;
  if (name === "TimeoutError")
    return `AWS does not answer for ${what}. Is the region right, and is there a network?`;
  if (name === "ResourceNotFoundException")
    return `There is no ${what.replace(/^the /, "")} in this account and region. The outputs of the stack have its name; --region and AWS_PROFILE say where it is looked for.`;
  if (name === "AccessDeniedException")
    return `These credentials may not use ${what}. AWS says: ${message}`;
  if (/Throttl|ProvisionedThroughput|TooManyRequests/.test(name))
    return `AWS asks to slow down for ${what}. Try again in a minute.`;
  return $fault === undefined ? undefined : `AWS says about ${what}: ${message} (${name})`;
};

/**
 * Does something with a thing of AWS, such as `the table orders`. What AWS refuses is thrown as
 * Refused; any other error is a bug, and thrown as it is.
 */
export const ask = async <Result>(what: string, effect: () => Promise<Result>): Promise<Result> => {
  try {
    return await effect();
  } catch (error) {
    const words = wordsFor(error as Failure, what);
    throw words === undefined ? error : new Refused(words);
  }
};
