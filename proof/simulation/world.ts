import { type Actor, asActor, currentActor } from "./actor.ts";
import type { Chronicle } from "./chronicle.ts";
import { type CallFault, type Fault, faultOf, noFaults, type Port } from "./faults.ts";
import type { Weather } from "./swarm.ts";
import type { Tape } from "./tape.ts";
import type { Timers } from "./timers.ts";

/** Something that an actor asks of the outside, and what it is answered if things break. */
export type Ask<Answer> = {
  readonly port: Port;
  /** What it is, for coverage and for the story. */
  readonly name: string;
  readonly about: string;
  /** Of a request to the table: the sort key of the item, where it is about one. */
  readonly sk?: string;
  /** Does it, and says what came of it, now or after some time. */
  readonly perform: (finish: (answer: Answer, afterMs?: number) => void) => void;
  /** What one sees of a connection that breaks; an engine that is busy, or not well. */
  readonly lost: () => { readonly error: Error } | { readonly answer: Answer };
  readonly throttled?: () => Answer;
  readonly failed?: () => Answer;
};

/** An ask that waits to be carried out, or whose answer is on its way. */
type Pending = Ask<unknown> & {
  readonly actor: Actor;
  readonly call: number;
  /** After how many steps of the run it was asked. */
  readonly step: number;
  readonly words: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readyAt: number;
  /** Its connection is broken; its client notices when it is ready. */
  isBroken?: boolean;
  /** A fault has been drawn for it already. */
  isDrawn: boolean;
  answer?: { readonly value: unknown };
};

const turnsMax = 20_000;
const sharedTurns = 30;
const slowMsMax = 1400;
const lateMsMax = 5000;
const sleepMsMax = 3_600_000;
/** How long somebody sleeps: a time, or until the worst moment there is, an hour at most. */
const naps = [8000, "claim", "release", 200_000, "claim", "release", 40_000] as const;

/** Faults that may go on: for as many calls more as the SDK repeats one, or for a minute and more. */
const lasting = ["lost-before", "throttled", "failed-before"] as const;
const lastings = [
  { calls: 0, ms: 0 },
  { calls: 2, ms: Number.POSITIVE_INFINITY },
  { calls: 0, ms: 0 },
  { calls: 2, ms: Number.POSITIVE_INFINITY },
  { calls: Number.POSITIVE_INFINITY, ms: 120_000 },
  { calls: Number.POSITIVE_INFINITY, ms: 30_000 },
] as const;
/** When a client gives a call up that is not answered, as in `adapters/clients.ts`. */
const requestTimeoutMs = 1500;

/**
 * Calls in the order of their actors, and those of one actor as it made them. Calls that it makes
 * side by side, between two steps, are in the order of their words: which of them is made first says
 * how many turns the clients below it take, and no client is to make another run of a tape.
 */
const inOrder = (one: Pending, other: Pending): number => {
  if (one.actor.order !== other.actor.order) return one.actor.order - other.actor.order;
  if (one.step !== other.step) return one.step - other.step;
  if (one.words !== other.words) return one.words < other.words ? -1 : 1;
  return one.call - other.call;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Resolves when whatever goes on by promises alone has come to rest; nothing waits for it. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * The scheduler. Everything that actors ask of the outside waits here, and one of them at a time
 * goes on, by the tape. Between two steps all code runs until it asks for something again.
 */
export const worldOf = ({
  tape,
  timers,
  weather,
  chronicle,
}: {
  readonly tape: Tape;
  readonly timers: Timers;
  readonly weather: Weather;
  readonly chronicle: Chronicle;
}) => {
  let pending: Pending[] = [];
  let living: Actor[] = [];
  let odds = weather.odds;
  let order = 0;
  let steps = 0;
  let version = 0;
  /** Those who wake when somebody else gets a lease: the worst moment there is. */
  let sleepers: { readonly actor: Actor; readonly until: "claim" | "release" }[] = [];

  const happens = (fault: Fault, name: string): boolean => {
    const isSo = tape.happens(odds[fault]);
    if (isSo) chronicle.fault(fault, name);
    return isSo;
  };

  const ask = <Answer>(given: Ask<Answer>): Promise<Answer> => {
    const actor = currentActor();
    version += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // The dead ask nothing any more, and are never answered.
    if (!actor.isAlive) return promise as Promise<Answer>;
    actor.calls += 1;
    actor.waiting += 1;
    const { calls: call } = actor;
    const readyAt = timers.now();
    pending.push({
      ...(given as Ask<unknown>),
      ...{ actor, call, step: steps, words: `${given.name} ${given.about}` },
      ...{ resolve, reject, readyAt, isDrawn: false },
    });
    return promise as Promise<Answer>;
  };

  const answered = ({ actor, resolve }: Pending, value: unknown): void => {
    actor.waiting -= 1;
    version += 1;
    resolve(value);
  };
  const broken = (one: Pending): void => {
    const seen = one.lost();
    if ("answer" in seen) {
      answered(one, seen.answer);
      return;
    }
    one.actor.waiting -= 1;
    version += 1;
    one.reject(seen.error);
  };

  /** A connection that is reset is noticed at once; one that is silent, by a client's time-out. */
  const loseConnection = (one: Pending): void => {
    const hasTimeout = one.port === "table" || one.port === "queue";
    if (!hasTimeout || tape.choose(2) === 0) {
      broken(one);
      return;
    }
    one.isBroken = true;
    one.readyAt = timers.now() + requestTimeoutMs;
    pending.push(one);
  };

  const crash = (actor: Actor): void => {
    if (!actor.isAlive || actor.hasEnded) return;
    actor.isAlive = false;
    pending = pending.filter((one) => one.actor !== actor);
    living = living.filter((each) => each !== actor);
    chronicle.note(actor.name, "is dead");
    actor.onCrash();
  };

  /** Carries it out; the answer arrives at once, or as soon as it is ready and the actor awake. */
  const perform = (one: Pending): void =>
    one.perform((value, afterMs = 0) => {
      if (!one.actor.isAlive) return;
      one.answer = { value };
      one.isDrawn = true;
      one.readyAt = timers.now() + afterMs;
      if (afterMs === 0 && one.actor.frozenUntil <= timers.now()) answered(one, value);
      else pending.push(one);
    });
  const performUnheard = (one: Pending): void => one.perform(() => {});

  const freeze = (actor: Actor): void => {
    actor.wasFrozen = true;
    const nap = tape.pick(naps);
    const ms = typeof nap === "number" ? nap : sleepMsMax;
    actor.frozenUntil = timers.now() + ms;
    if (typeof nap !== "number") sleepers.push({ actor, until: nap });
    chronicle.note(actor.name, `sleeps for ${typeof nap === "number" ? `${ms / 1000} s` : nap}`);
  };

  const befall = (one: Pending, fault: Fault): void => {
    switch (fault) {
      case "crash-before":
        crash(one.actor);
        break;
      case "crash-after":
        performUnheard(one);
        crash(one.actor);
        break;
      case "lost-before":
        loseConnection(one);
        break;
      case "lost-after":
        performUnheard(one);
        loseConnection(one);
        break;
      case "late":
        timers.at(timers.now() + 1 + tape.choose(lateMsMax), () => {
          chronicle.fault("late", `${one.name}, now`);
          chronicle.note(one.actor.name, `${one.name} arrives late: ${one.about}`);
          asActor(one.actor, () => performUnheard(one));
        });
        loseConnection(one);
        break;
      case "throttled":
        answered(one, one.throttled?.());
        break;
      case "failed-before":
        answered(one, one.failed?.());
        break;
      case "failed-after":
        performUnheard(one);
        answered(one, one.failed?.());
        break;
      case "slow":
        one.readyAt = timers.now() + 1 + tape.choose(slowMsMax);
        pending.push(one);
        break;
      case "frozen-before":
        freeze(one.actor);
        pending.push(one);
        break;
      case "frozen-after":
        freeze(one.actor);
        perform(one);
        break;
      default:
        throw new Error(`${fault} does not befall a call`);
    }
  };

  const troubleOf = ({ actor, name, port }: Pending): CallFault | undefined => {
    const { trouble } = actor;
    const isGoingOn = trouble !== undefined && trouble.left > 0 && timers.now() < trouble.until;
    const isLasting = isGoingOn && trouble.name === name && odds !== noFaults;
    const fault = isLasting ? trouble.fault : faultOf(tape, odds, port);
    if (isLasting) actor.trouble = { ...trouble, left: trouble.left - 1 };
    else if (fault !== undefined && lasting.some((each) => each === fault)) {
      const { calls: left, ms } = tape.pick(lastings);
      if (left > 0) actor.trouble = { name, fault, left, until: timers.now() + ms };
    }
    return fault;
  };

  const carryOut = (one: Pending): void => {
    const isSpared = (weather.strikes ?? one.actor.role) !== one.actor.role;
    const fault = one.isDrawn || isSpared ? undefined : troubleOf(one);
    one.isDrawn = true;
    if (fault) one.actor.faults += 1;
    chronicle.note(one.actor.name, `${one.name} ${one.about}${fault ? `  [${fault}]` : ""}`);
    asActor(one.actor, () => (fault ? befall(one, fault) : perform(one)));
    // Afterwards: what the fault explains is what comes of it.
    if (fault) chronicle.fault(fault, one.name);
  };

  const isReady = ({ readyAt, actor }: Pending): boolean =>
    Math.max(readyAt, actor.frozenUntil) <= timers.now();

  return {
    ask,
    happens,
    crash,
    /** A lease changed hands: whoever slept until then wakes. */
    wake: (moment: "claim" | "release", by: string): void => {
      const isWoken = ({ actor, until }: (typeof sleepers)[number]): boolean =>
        until === moment && actor.name !== by;
      for (const { actor } of sleepers.filter(isWoken))
        actor.frozenUntil = Math.min(actor.frozenUntil, timers.now());
      sleepers = sleepers.filter((sleeper) => !isWoken(sleeper));
    },
    /** Begins a piece of work. `onEnd` hears of its end, unless it dies before. */
    spawn: (
      who: Pick<Actor, "name" | "role" | "skewMs" | "onCrash">,
      work: () => Promise<void>,
    ): Actor => {
      order += 1;
      const actor: Actor = {
        ...who,
        ...{
          order,
          isAlive: true,
          hasEnded: false,
          frozenUntil: 0,
          endsAt: Number.POSITIVE_INFINITY,
        },
        ...{ faults: 0, wasFrozen: false, calls: 0, waiting: 0 },
      };
      living.push(actor);
      version += 1;
      asActor(actor, () => {
        void work().then(
          () => {
            actor.hasEnded = true;
            living = living.filter((each) => each !== actor);
            version += 1;
          },
          (error: unknown) => chronicle.broke(error),
        );
      });
      return actor;
    },
    /** From now on nothing breaks, and the first in line goes first. */
    calm: (): void => {
      odds = noFaults;
    },
    /** What can go on now: the calls of each actor in their order. */
    ready: (): readonly Pending[] => pending.filter(isReady).sort(inOrder),
    /** When the next of those that are not ready will be. */
    nextReadyAt: (): number | undefined => {
      const times = pending.map(({ readyAt, actor }) => Math.max(readyAt, actor.frozenUntil));
      return times.length === 0 ? undefined : Math.min(...times);
    },
    /** Lets one of those that are ready go on. */
    step: (one: Pending): void => {
      steps += 1;
      pending = pending.filter((each) => each !== one);
      if (one.actor.frozenUntil > 0) {
        one.actor.frozenUntil = 0;
        chronicle.fault("frozen-after", "and awake");
      }
      if (one.isBroken) broken(one);
      else if (one.answer) answered(one, one.answer.value);
      else carryOut(one);
    },
    /** Waits until every living actor waits for an answer, and nothing is under way any more. */
    settle: async (): Promise<void> => {
      let seen = -1;
      let quietTurns = 0;
      for (let turns = 0; turns < turnsMax; turns += 1) {
        await drained();
        if (living.every(({ waiting }) => waiting > 0)) return;
        quietTurns = seen === version ? quietTurns + 1 : 0;
        // Of one process, two may wait for what only one of them has asked for.
        if (quietTurns > sharedTurns && living.some(({ waiting }) => waiting > 0)) return;
        seen = version;
        await turn();
      }
      throw new Error(`Somebody does not come to rest: ${living.map(({ name }) => name)}`);
    },
  };
};
export type World = ReturnType<typeof worldOf>;
