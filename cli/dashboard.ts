import type { Found } from "./local-edition.ts";

type Running = Extract<Found, { readonly kind: "running" }>;

/** Returns the page of a local edition that `postrider dev` opens. */
export const dashboardOf = ({ profile }: Running): string => `${profile.url}/docs`;
