/** The environment of the process: read here, and nowhere else. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;
