import type { html } from "hono/html";

/** A piece of a page. `html` escapes every text that is put into one. */
export type Html = ReturnType<typeof html>;
