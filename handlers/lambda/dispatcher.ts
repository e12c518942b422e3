import { dispatcher } from "../dispatcher/dispatcher.ts";
import { outsideOf, settingsOf } from "./start.ts";

const settings = settingsOf("dispatcher");

/** Runs each minute. */
export const handler = dispatcher({
  ...settings,
  ...outsideOf("dispatcher", settings),
});
