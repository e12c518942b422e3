import { dispatcher } from "../dispatcher/dispatcher.ts";
import { dispatcherOptionsOf } from "../options.ts";
import { outsideOf, settingsOf } from "./start.ts";

const settings = settingsOf("dispatcher");

/** Runs each minute. */
export const handler = dispatcher({
  ...outsideOf("dispatcher", settings),
  ...dispatcherOptionsOf(settings),
});
