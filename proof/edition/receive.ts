import { systemClock } from "../../adapters/clock.ts";
import { print } from "../../adapters/terminal.ts";
import { openLog } from "./log.ts";
import { openReceiver, type ReceiverOptions } from "./receiver.ts";

/** The receiver in a process of its own, so that whoever makes the load does not slow it down. */
const [file = "", options = ""] = process.argv.slice(2);
const log = openLog(file);
const receiver = await openReceiver({
  ...(JSON.parse(options) as ReceiverOptions),
  log,
  clock: systemClock,
});
process.once("SIGTERM", async () => {
  receiver.close();
  await log.close();
  process.exit(0);
});
print(`${receiver.url}\n`);
