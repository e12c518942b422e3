import type { Finding } from "../finding.ts";

/** What the service says of one scope of a key. */
export type ScopeAnswer = "granted" | "missing" | "not-valid" | "unclear";
/** What a key may do; `write` only where it was tried. */
export type KeyFacts = { readonly read: ScopeAnswer; readonly write?: ScopeAnswer };

type Keys = { readonly senderKey?: KeyFacts; readonly operatorKey?: KeyFacts };
type Kind = {
  readonly name: string;
  readonly about: string;
  readonly scopes: string;
  /** What a key without any of the scopes may be. */
  readonly otherKind: string;
};

const sender: Kind = {
  ...{ name: "The key of the sender", about: "sender-key", scopes: "messages" },
  otherKind: "It may be a key of an operator. Use one of a sender.",
};
const operator: Kind = {
  ...{ name: "The key of the operator", about: "operator-key", scopes: "senders" },
  otherKind: "It may be a key of a sender. Use one of an operator.",
};

const keyFinding = ({ name, about, scopes, otherKind }: Kind, facts: KeyFacts): Finding => {
  const answers = Object.entries(facts);
  const isAny = (wanted: ScopeAnswer): boolean => answers.some(([, answer]) => answer === wanted);
  if (isAny("not-valid"))
    return {
      ...{ level: "broken", about, what: `${name} is not valid.` },
      todo: "It was revoked, has expired, is misspelt, or belongs to another deployment. Have an operator create another: postrider keys create.",
    };
  if (isAny("unclear"))
    return {
      ...{ level: "attention", about, what: `${name}: its scopes could not be determined.` },
      todo: "The service answered neither yes nor no. Try again in a minute, and see its log.",
    };
  const granted = answers
    .filter(([, answer]) => answer === "granted")
    .map(([scope]) => `${scopes}:${scope}`);
  if (granted.length === 0)
    return {
      ...{ level: "broken", about, what: `${name} has no scope for ${scopes}.`, todo: otherKind },
    };
  const untried = facts.write === undefined ? ` (${scopes}:write was not tried)` : "";
  const what = `${name} is valid, with ${granted.join(" and ")}${untried}`;
  return isAny("missing")
    ? { level: "note", about, what: `${what} only.` }
    : { level: "ok", about, what: `${what}.` };
};

/** Says what the given keys may do, and what could not be examined without one. */
export const keyFindings = ({ senderKey, operatorKey }: Keys): readonly Finding[] => [
  ...(senderKey
    ? [keyFinding(sender, senderKey)]
    : [
        {
          ...({ level: "note", about: "sender-key" } as const),
          what: "There is no key of a sender: backlog and failures were not examined.",
          todo: "Set POSTRIDER_KEY, or keep the key in a profile.",
        },
      ]),
  ...(operatorKey ? [keyFinding(operator, operatorKey)] : []),
];
