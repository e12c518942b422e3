import { html } from "hono/html";

/** An envelope in motion. */
const shape = "M9 6h14a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9M9 7l7.5 6L24 7M3 9h5M1 12.5h6M4 16h4";

/** The mark, in the colour of its text; and the same as an icon of the browser's tab. */
export const logo = {
  mark: html`<svg viewBox="0 0 26 25" width="26" height="25" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${shape}"/></svg>`,
  icon: `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 25" fill="none" stroke="#3b7bea" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"><path d="${shape}"/></svg>`,
  )}`,
};
