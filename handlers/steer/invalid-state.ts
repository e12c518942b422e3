import type { Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";

/** Returns the INVALID_STATE of a message that is not in a state for what was asked. */
export const invalidState = ({ status }: Message, rule: string): Problem =>
  new Problem("INVALID_STATE", `The message is ${status}. ${rule}`, { messageStatus: status });

/** Returns the NOT_FOUND of a message: the same bytes whether it is missing or another sender's. */
export const noMessage = (): Problem => new Problem("NOT_FOUND", "There is no such message.");
