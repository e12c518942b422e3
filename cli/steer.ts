import type { Command } from "commander";
import type { SteeredMessage } from "../client/answers.ts";
import type { CallOptions } from "../client/call.ts";
import type { Postrider } from "../client/postrider.ts";
import type { Io } from "./io.ts";
import { steeredLine } from "./message-lines.ts";
import { commonOf } from "./options.ts";
import { show } from "./show.ts";
import { withClient } from "./with-client.ts";

/** Does something to one message, and shows what it then is. */
export const steerOne = (
  io: Io,
  command: Command,
  steer: (client: Postrider, options: CallOptions) => Promise<SteeredMessage>,
): Promise<void> =>
  withClient(io, command, async ({ client, stoppable }) => {
    const message = await steer(client, stoppable);
    show(io, commonOf(command).json, message, [steeredLine(message)]);
  });
