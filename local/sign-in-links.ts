import type { Chance } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import { limits } from "../domain/limits.ts";

/** Links that sign in to the dashboard once, with keys that never are in an address. */
export type SignInLinks = {
  /** Returns the token of a new link. */
  readonly make: (apiKeys: readonly string[]) => string;
  /** Returns the keys that a token stands for, once and for a while; nothing after that. */
  readonly take: (token: string) => readonly string[] | undefined;
};

/**
 * Returns the sign-in links of this process. They are kept in its memory alone: a restart ends those
 * that were not used.
 */
export const signInLinks = ({
  clock,
  chance,
}: {
  readonly clock: Clock;
  readonly chance: Chance;
}): SignInLinks => {
  const open = new Map<string, { readonly apiKeys: readonly string[]; readonly endsAt: number }>();
  return {
    make: (apiKeys) => {
      // 144 random bits: nobody finds a token by trying.
      const token = chance.token() + chance.token();
      open.set(token, { apiKeys, endsAt: clock() + limits.signInLinkMsMax });
      return token;
    },
    take: (token) => {
      const link = open.get(token);
      open.delete(token);
      return link && clock() < link.endsAt ? link.apiKeys : undefined;
    },
  };
};
