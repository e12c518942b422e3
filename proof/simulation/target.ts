import type { Post } from "../../adapters/http.ts";
import type { Exchange } from "../../domain/outcome.ts";
import type { OutgoingRequest } from "../../domain/request.ts";
import { currentActor } from "./actor.ts";
import type { Chronicle } from "./chronicle.ts";
import { contentOf } from "./content.ts";
import type { Plan, TargetAnswer } from "./plans.ts";
import type { Policy } from "./policy.ts";
import type { Tape } from "./tape.ts";
import type { World } from "./world.ts";

type Deps = {
  readonly world: World;
  readonly tape: Tape;
  readonly chronicle: Chronicle;
  readonly planOf: (messageId: string) => Plan | undefined;
  readonly secret: string;
  readonly slowTargets: number;
  /** Until when an attempt is its holder's, by the holder's clock. */
  readonly leaseOf: (messageId: string, attempt: number) => number | undefined;
  readonly now: () => number;
  readonly policy: Policy;
};

/** The target of all messages, behind the HTTP client: it reads requests as a stranger would. */
export const targetOf = ({
  world,
  tape,
  chronicle,
  planOf,
  secret,
  slowTargets,
  ...deps
}: Deps): Post => {
  const received = new Map<string, number>();

  const receive = (request: OutgoingRequest, deadlineMs: number) => {
    const { headers } = request;
    const messageId = headers["postrider-message-id"] ?? "";
    const key = { senderId: headers["postrider-sender-id"] ?? "", messageId };
    const attempt = Number(headers["postrider-attempt"]);
    const content = contentOf(request, secret);
    chronicle.observe({ kind: "requested", key, attempt, content, by: currentActor().name });

    const count = received.get(messageId) ?? 0;
    received.set(messageId, count + 1);
    const answers = planOf(messageId)?.answers ?? [];
    const answer: TargetAnswer = answers[count % answers.length] ?? { status: 200 };
    const { status, retryAfterMs } = answer;
    const retryAfter =
      retryAfterMs === undefined
        ? answer.retryAfter
        : new Date(deps.now() + retryAfterMs).toUTCString();
    const durationMs = tape.happens(slowTargets) ? tape.choose(2 * deadlineMs) : 5;
    if (status > 0) chronicle.observe({ kind: "answered", key, attempt, status });
    chronicle.note("target", `answers ${status || "nothing"} to ${messageId} attempt ${attempt}`);
    const isHeard = status > 0 && durationMs < deadlineMs;
    if (!isHeard) chronicle.observe({ kind: "fault", what: "lost-answer" });
    const exchange: Exchange = isHeard
      ? { kind: "answered", status, durationMs, ...(retryAfter && { retryAfter }), text: "answer" }
      : { kind: "no-answer", class: "timeout", durationMs: Math.min(durationMs, deadlineMs) };
    return { exchange, afterMs: isHeard ? durationMs : deadlineMs };
  };

  /** What must be so when a request is begun; that its sender then sleeps, nobody can help. */
  const check = ({ headers }: OutgoingRequest, deadlineMs: number): void => {
    const [id = "", attempt] = [headers["postrider-message-id"], headers["postrider-attempt"]];
    const leaseUntil = deps.leaseOf(id, Number(attempt));
    const endsAt = deps.now() + currentActor().skewMs + deadlineMs;
    if (deadlineMs <= 0 || leaseUntil === undefined || endsAt > leaseUntil)
      chronicle.violate({
        invariant: "within-lease",
        what: `attempt ${attempt} may take ${deadlineMs} ms, and its lease is over before`,
        message: id,
      });
    const { name, endsAt: stopsAt } = currentActor();
    if (deps.now() + deadlineMs > stopsAt)
      chronicle.violate({
        invariant: "on-time",
        what: `${name} gives attempt ${attempt} ${deadlineMs} ms, and is stopped before`,
        message: id,
      });
  };

  return async (request, deadlineMs) => {
    check(request, deadlineMs);
    const { "postrider-message-id": id = "", "postrider-attempt": attempt } = request.headers;
    deps.policy.requested(id, Number(attempt));
    const exchange = await world.ask<Exchange>({
      port: "post",
      name: "request",
      about: `${request.headers["postrider-message-id"]} attempt ${request.headers["postrider-attempt"]}`,
      perform: (finish) => {
        const { exchange, afterMs } = receive(request, deadlineMs);
        finish(exchange, afterMs);
      },
      lost: () => ({ answer: { kind: "no-answer", class: "reset", durationMs: 5 } }),
    });
    const heard =
      exchange.kind === "answered"
        ? { class: "status", status: exchange.status, retryAfter: exchange.retryAfter }
        : { class: exchange.class };
    deps.policy.heard(id, Number(attempt), heard);
    return exchange;
  };
};
