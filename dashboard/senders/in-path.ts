import type { Context } from "hono";
import { isKeyId } from "../../domain/api-key.ts";
import { isSenderId } from "../../domain/ids.ts";
import type { DashboardEnv } from "../env.ts";
import { noPage } from "../page-problem.ts";

/** Returns the sender that the address names. An id that no sender can have has no page. */
export const senderIn = ({ req }: Context<DashboardEnv>): string => {
  const senderId = req.param("senderId") ?? "";
  if (!isSenderId(senderId)) throw noPage();
  return senderId;
};

/** Returns the key that the address names, in the same way. */
export const keyIn = ({ req }: Context<DashboardEnv>): string => {
  const keyId = req.param("keyId") ?? "";
  if (!isKeyId(keyId)) throw noPage();
  return keyId;
};
