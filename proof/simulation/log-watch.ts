import { currentActor } from "./actor.ts";
import { canaries } from "./plans.ts";
import { apiKey, signingSecret } from "./seeding.ts";
import type { Stage } from "./stage.ts";

type Line = {
  readonly transitions?: readonly { readonly verb: string }[];
  readonly verdict?: string;
  readonly act?: string;
};

/** What nobody may read in a log: bodies, secrets, queries of URLs, keys and signatures. */
const secrets = [...Object.values(canaries), apiKey, signingSecret, "v1,"];

/** Reads the log as it is written: it must say what was so, and nothing that is nobody's business. */
export const logWatchOf = ({ chronicle, holders }: Stage) => {
  const read = (line: object): void => {
    const text = JSON.stringify(line);
    if (secrets.some((secret) => text.includes(secret)))
      chronicle.violate({ invariant: "not-logged", what: text });
    holders.said(currentActor().name, { ...line });
    const { transitions = [], verdict, act } = line as Line;
    for (const { verb } of transitions) chronicle.count(`verb ${verb}`);
    if (verdict) chronicle.count(`verdict ${verdict}`);
    if (act) chronicle.count(`act ${act}`);
  };
  return read;
};
