import type { Context } from "hono";

/** Tells whether a request is one by which the page's script refreshes what is shown. */
export const isRefresh = ({ req }: Context): boolean =>
  req.header("x-postrider-refresh") !== undefined;
