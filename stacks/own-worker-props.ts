/** How a worker of one's own is attached to the queue. */
export interface AddWorkerProps {
  /**
   * How many records one invocation takes: 1 to 10. The handler of `postrider/worker` works at them side
   * by side.
   * @default 10
   */
  readonly batchSize?: number;
  /**
   * How many invocations run at once, at most: 2 to 1000.
   * @default 100
   */
  readonly maxConcurrency?: number;
  /**
   * Whether it may read the master keys, which secret headers of messages are encrypted with. **It can then
   * sign for every sender.** The ARN of their secret is in `POSTRIDER_MASTER_KEY_SECRET`.
   * @default false
   */
  readonly secretHeaders?: boolean;
}
