/** Its inner modules are used, so another minor version may lack some. */
export const neededEngine = "dynalite@~4.0.0";

/** Tells whether Node did not find a module, in the words of `import` or of `require`. */
const isMissing = (error: unknown): boolean =>
  /^(ERR_)?MODULE_NOT_FOUND$/.test(String(Object(error).code));

/**
 * Loads a module that needs the embedded engine. Throws an error that says what to install if the
 * engine is missing: it is an optional peer dependency of the package, for only tests need it.
 */
export const needingEngine = async <Module>(load: () => Promise<Module>): Promise<Module> => {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const reason =
      "postrider/testing needs an engine that is not installed, or not in this version";
    throw new Error(`${reason}. Run: npm install --save-dev "${neededEngine}"`, { cause });
  }
};
