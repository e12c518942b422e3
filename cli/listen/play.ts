/** How a listener is to treat what is genuine: well, or as a bad receiver would. */
export type Play = {
  /** The HTTP status of its answers. */
  readonly status: number;
  /** How long it waits before it answers, or before it drops the connection. */
  readonly delayMs: number;
  /** `slow` answers byte by byte; `drop` closes the connection without an answer. */
  readonly manner: "plain" | "slow" | "drop";
  /** How many requests of each message are treated so; those after them are answered well. */
  readonly times: number;
};

/** What a listener does with one request. */
export type Treatment = {
  readonly manner: Play["manner"];
  readonly status: number;
  readonly delayMs: number;
};

/** The answer of a good receiver, unless it is told otherwise. */
export const goodStatus = 204;

const plainAnswer = (status: number): Treatment => ({ manner: "plain", status, delayMs: 0 });

/** Tells whether the sender of a request will take it for delivered. */
export const isAcceptedBy = ({ manner, status }: Treatment): boolean =>
  manner !== "drop" && status >= 200 && status < 300;

/**
 * Returns how to treat a request: by the play, if it is one of the first of its message. What is not
 * genuine is refused as by a good receiver, whatever the play. `seen` counts the requests of the same
 * message, this one included.
 */
export const treatmentOf = (
  { status, delayMs, manner, times }: Play,
  request: { readonly verdict: "taken" | "refused" | "too-large"; readonly seen: number },
): Treatment => {
  if (request.verdict === "too-large") return plainAnswer(413);
  if (request.verdict === "refused") return plainAnswer(401);
  return request.seen > times ? plainAnswer(goodStatus) : { manner, status, delayMs };
};
