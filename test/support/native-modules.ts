import { registerHooks } from "node:module";

/* Test files are modules of Node's own: what they take from jest is what its runner put there. */
const globals = new URL("globals.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === "@jest/globals" ? globals : specifier, context),
});
