import { type Line, styled } from "../adapters/styled.ts";

/** Returns a line for each member that is there, its names in a column. */
export const membersOf = (members: Readonly<Record<string, string | number | undefined>>) => {
  const given = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]): Line => [styled("dim", `${name.padEnd(width)}  `), value]);
};
