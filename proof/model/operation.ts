import type { Changed, Effects, World } from "./world.ts";

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
  const { actor, does, effect, next, isRepeated = false } = operation;
  const who = names[actor] ?? "";
  const plain: Step = {
    kind: operation.kind ?? "work",
    who,
    does,
    run: (world) => next(world, effect(world)),
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
  };
  const repeats: Step = {
    kind: "fault",
    who,
    does: `${does}; the answer is lost, and the client will try again`,
    run: (world) => {
      fault(world, "lost-answer");
      effect(world);
    },
  };
  return isRepeated ? [plain, dies, repeats] : [plain, dies];
};
