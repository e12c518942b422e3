import type { Changed, Effects, World } from "./world.ts";

/**
 * What a step is for whoever makes it with the real handlers: whose effect it is and what becomes of
 * it; or what happens to the records of an attempt.
 */
export type Made =
  | {
      readonly actor: number;
      readonly fate:
        | "looks"
        | "answered"
        | "lost-after"
        | "crash-before"
        | "crash-after"
        | "failed-before"
        | "failed-after"
        | "given-back";
      /** The attempt whose record begins it. */
      readonly receives?: number;
      /** What the target answers; 0: nothing that anybody hears. */
      readonly status?: number;
    }
  | { readonly attempt: number; readonly copies: 1 | -1 }
  | { readonly person: "cancel" };

/** One thing that may happen next. */
export type Step = {
  /**
   * `work`: the system does it, sooner or later. `choice`: a person or a target may do it, or not.
   * `fault`: something breaks.
   */
  readonly kind: "work" | "choice" | "fault";
  readonly who: string;
  readonly does: string;
  readonly run: (world: World) => void;
  /** Absent: nothing that the real handlers can be made to do as they are. */
  readonly made?: Made;
};

/** An effect on the table, the queue or the target, and what its actor makes of the answer. */
export type Operation<Result = Changed> = {
  readonly actor: number;
  readonly does: string;
  readonly kind?: "choice";
  readonly effect: (world: World) => Result;
  readonly next: (world: World, result: Result) => void;
  /** The client repeats it by itself if it hears no answer. */
  readonly isRepeated?: boolean;
  /** What the target answers, where it is asked. */
  readonly status?: number;
};

/**
 * The step of an operation, and all that can break about it: the process dies after the effect, or
 * the answer to an effect is lost and the client repeats it. Dying before it is a step of its own,
 * the same for every operation.
 */
export const stepsOf = <Result>(
  { names, fault, die }: Effects,
  operation: Operation<Result>,
  mayBreak: boolean,
): readonly Step[] => {
  const { actor, does, effect, next, isRepeated = false, status } = operation;
  const who = names[actor] ?? "";
  const asked = { actor, ...(status !== undefined && { status }) };
  const plain: Step = {
    kind: operation.kind ?? "work",
    who,
    does,
    run: (world) => next(world, effect(world)),
    made: { ...asked, fate: "answered" },
  };
  if (!mayBreak) return [plain];
  const dies: Step = {
    kind: "fault",
    who,
    does: `${does}, and dies before it hears the answer`,
    run: (world) => {
      fault(world, "crash");
      effect(world);
      die(world, actor);
    },
    made: { ...asked, fate: "crash-after" },
  };
  const repeats: Step = {
    kind: "fault",
    who,
    does: `${does}; the answer is lost, and the client will try again`,
    run: (world) => {
      fault(world, "lost-answer");
      effect(world);
    },
    made: { ...asked, fate: "lost-after" },
  };
  return isRepeated ? [plain, dies, repeats] : [plain, dies];
};
