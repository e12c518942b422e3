import type { Running } from "./local-edition.ts";

/**
 * Returns the page that `postrider dev` opens: the dashboard. The link of an edition that has just
 * started signs in, once.
 */
export const dashboardOf = (
  { profile, signInUrl }: Running,
  { isNew }: { readonly isNew: boolean },
): string => (isNew && signInUrl !== undefined ? signInUrl : `${profile.url}/dashboard`);
