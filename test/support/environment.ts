import { afterAll } from "@jest/globals";

type Variables = Readonly<Record<string, string>>;

/**
 * Returns what sets variables of this process. They are as before when the tests of the file, or of the
 * `describe` around the call, are over: files share a process.
 */
export const useEnvironment = (): ((variables: Variables) => void) => {
  const before = { ...process.env };
  afterAll(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
  return (variables) => {
    Object.assign(process.env, variables);
  };
};
