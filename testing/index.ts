/**
 * For the tests of services that use Postrider: `postrider/testing`. Everything is in this process
 * and in memory, and time moves only when a test says so.
 */

export type { ResponseLike, TestAnswer } from "./answer.ts";
export {
  assertDelivered,
  assertNothingDelivered,
  assertSigned,
  assertStatus,
  type Delivered,
} from "./assertions.ts";
export type { Span } from "./duration.ts";
export type { IndexName, TestItem } from "./items.ts";
export type { TestPostriderOptions } from "./options.ts";
export type { TestFailure } from "./outside.ts";
export { startTestPostrider, type TestPostrider } from "./postrider.ts";
export type { AnswerFunction, PlaceReceiver, TestDelivery, TestReceiver } from "./receiver.ts";
export type { AddSender, TestFetch, TestSender } from "./senders.ts";
export { startTestTable, type TestTable } from "./table.ts";
