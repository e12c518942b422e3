import { expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import { signInLinks } from "../../local/sign-in-links.ts";

const opened = () => {
  let now = 0;
  let tokens = 0;
  const token = () => `token-${++tokens}`;
  const links = signInLinks({ clock: () => now, chance: { random: () => 0, token } });
  const advance = (ms: number): void => {
    now += ms;
  };
  return { links, advance };
};

test("A sign-in link stands for its keys once", () => {
  const { links } = opened();
  const token = links.make(["one", "two"]);
  const other = links.make(["three"]);

  expect(links.take(token)).toEqual(["one", "two"]);
  expect(links.take(token)).toBeUndefined();
  expect(links.take("token-1")).toBeUndefined();
  expect(links.take(other)).toEqual(["three"]);
});

test("A sign-in link stands for nothing after 15 minutes", () => {
  const { links, advance } = opened();
  const [soon, late] = [links.make(["one"]), links.make(["two"])];

  advance(limits.signInLinkMsMax - 1);
  expect(links.take(soon)).toEqual(["one"]);
  advance(1);
  expect(links.take(late)).toBeUndefined();
});
