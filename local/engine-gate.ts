import type { EngineAnswer, EngineCall } from "../adapters/engine-call.ts";

/** An engine that can be closed to its callers for a while. */
export type Gate = {
  /** Calls the engine; answers `unavailable` while it is closed. */
  readonly call: EngineCall;
  /** Lets nobody in any more; resolves when those who were in are answered. */
  readonly close: () => Promise<void>;
  readonly open: () => void;
};

/** As DynamoDB answers when it cannot do something for now. */
export const unavailable = {
  statusCode: 500,
  body: {
    __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
    message: "The files of the embedded table cannot be used for now",
  },
} as const satisfies EngineAnswer;

export const gateOf = (engine: EngineCall): Gate => {
  const underWay = new Set<Promise<EngineAnswer>>();
  let isOpen = true;
  const call: EngineCall = async (operation, input, isTyped) => {
    if (!isOpen) return unavailable;
    const answer = engine(operation, input, isTyped);
    underWay.add(answer);
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  };
  const close = async (): Promise<void> => {
    isOpen = false;
    await Promise.allSettled(underWay);
  };
  const open = (): void => {
    isOpen = true;
  };
  return { call, close, open };
};
