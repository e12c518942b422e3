/**
 * Returns the host of a target, with its port unless it is the default one: what may be shown and
 * grouped by. A damaged URL is returned without its path and query, which may be secret.
 */
export const hostOf = (targetUrl: string): string =>
  URL.canParse(targetUrl) ? new URL(targetUrl).host : "a target that is no URL";
