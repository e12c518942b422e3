import type { Message, Status } from "../../domain/message.ts";
import { farWaitMs, moveTo, nearWaitMs, now } from "../model/moments.ts";
import type { Made } from "../model/operation.ts";
import { idle } from "../model/state.ts";
import type { Line } from "../simulation/chronicle.ts";
import type { Tape } from "../simulation/tape.ts";
import { type Puppets, puppetsOf } from "./puppets.ts";
import { type Taken, walkerOf } from "./walker.ts";
import type { WalkWorld } from "./worlds.ts";

/** A walk that the real handlers made too, and the first step after which both were not the same. */
export type Compared = {
  readonly steps: number;
  readonly difference?: string;
  readonly lines: readonly Line[];
  /** How often each part made a step, by what became of it. */
  readonly counts: ReadonlyMap<string, number>;
  /** How the message ended, where there was one. */
  readonly status: Status | undefined;
};

const waitsMs = { now: undefined, near: nearWaitMs, far: farWaitMs } as const;

/** What both sides must have of a message. A token is whose it is. */
const rowOf = (message: Message | undefined, whose: (token: string | undefined) => string) =>
  message && {
    ...{ status: message.status, attempts: message.attempts, replays: message.replays },
    ...{ attemptsAllowed: message.attemptsAllowed, attemptsBefore: message.attemptsBefore },
    ...{ notBefore: message.notBefore, dueAt: message.dueAt, leaseUntil: message.leaseUntil },
    ...{ failReason: message.failReason, outcomeOf: message.lastOutcome?.attempt },
    ...{ outcomeAt: message.lastOutcome?.at, owner: whose(message.owner) },
    submitId: whose(message.submitId),
    isListed: message.dueShard !== undefined,
    isListedAsFailed: message.failedShard !== undefined,
    isCancelAsked: message.cancelRequestedAt !== undefined,
    isErased: message.erasedAt !== undefined && message.headers === undefined,
  };

const recordsOf = (entries: Iterable<readonly [number, number]>): string =>
  [...entries]
    .filter(([, count]) => count > 0)
    .sort(([one], [other]) => one - other)
    .map(([attempt, count]) => `${count} of attempt ${attempt}`)
    .join(", ");

/** What the model and the real handlers have, in the same words. */
const sidesOf = (
  { effects }: WalkWorld,
  { after }: Taken,
  puppets: Puppets,
  told: readonly number[],
) => {
  const nameOf = (index: number): string => (index < 0 ? "nobody" : (effects.names[index] ?? ""));
  const ofModel = (token: string | undefined): string => {
    if (token === undefined) return "none";
    const index = effects.names.indexOf(token);
    const { at } = after.actors[index] ?? idle;
    return nameOf(at === "idle" || at === "done" ? -1 : index);
  };
  const ofReal = (token: string | undefined): string =>
    token === undefined ? "none" : nameOf(puppets.indexOf(token));
  const requested = (counts: readonly number[]) => counts.filter((count) => count > 0);
  return {
    model: {
      message: rowOf(after.message, ofModel),
      records: recordsOf(
        after.queue.map(({ ready, delayed }, attempt) => [attempt, ready + delayed]),
      ),
      requests: requested(Object.values(after.past.requests)).reduce(
        (sum, count) => sum + count,
        0,
      ),
      told: told.map((status) => status < 300),
    },
    real: {
      message: rowOf(puppets.message(), ofReal),
      records: recordsOf(puppets.records()),
      requests: puppets.requests().length,
      told: puppets.told().map((status) => status < 300),
    },
  };
};

/** The first thing that is not the same, in words. */
const differenceOf = (model: unknown, real: unknown, what = ""): string | undefined => {
  if (typeof model !== "object" || typeof real !== "object" || !model || !real)
    return model === real ? undefined : `${what} is ${real}, and in the model ${model}`;
  for (const name of new Set([...Object.keys(model), ...Object.keys(real)])) {
    const [one, other] = [model, real].map((side) => (side as Record<string, unknown>)[name]);
    const found = differenceOf(one, other, what === "" ? name : `${what}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

type Part = { readonly world: WalkWorld; readonly puppets: Puppets };

/** Makes the effect of a step, and what follows from it until the next one. */
const makeEffect = async (
  { world: { effects }, puppets }: Part,
  made: Extract<Made, { fate: unknown }>,
  { after }: Taken,
): Promise<string | undefined> => {
  const { actor: index, fate, receives, status } = made;
  const role = effects.roles[index] ?? "worker";
  if (fate === "crash-before") {
    puppets.crash(index);
    return undefined;
  }
  if (!puppets.isAtWork(index)) puppets.begin(index, effects.names[index] ?? "", role, receives);
  if (fate === "looks") {
    await puppets.look(index);
    return undefined;
  }
  if (fate === "given-back") {
    const more = await puppets.end(index);
    return more === undefined ? undefined : `goes on with ${more}`;
  }
  const kind = await puppets.make(index, fate, status);
  if (kind === undefined)
    return `has nothing more to do (${puppets.errors().at(-1) ?? "no error"})`;
  if (fate === "crash-after") puppets.crash(index);
  const { at } = after.actors[index] ?? idle;
  if (fate === "crash-after" || (at !== "idle" && at !== "done")) return undefined;
  const more = await puppets.end(index);
  return more === undefined ? undefined : `goes on with ${more}`;
};

const makeReal = async (part: Part, taken: Taken): Promise<string | undefined> => {
  const { made } = taken;
  const { puppets } = part;
  if (made === undefined) return undefined;
  if ("copies" in made) {
    puppets.addRecord(made.attempt, made.copies);
    return undefined;
  }
  if ("person" in made) {
    await puppets.run("sender", "job run");
    return undefined;
  }
  return makeEffect(part, made, taken);
};

/**
 * Makes one walk twice: with the actors of the model, and with the real handlers over items in
 * memory, each of which makes its next effect when the walk says so and meets the same fault. After
 * each step both must have the same message, records, requests and answers.
 */
export const lockstep = async (tape: Tape, drawn: WalkWorld): Promise<Compared> => {
  const told: number[] = [];
  const effects: WalkWorld["effects"] = {
    ...drawn.effects,
    told: (world, status) => {
      told.push(status);
      drawn.effects.told(world, status);
    },
  };
  const world = { ...drawn, effects };
  const walker = walkerOf(tape, world, { isCompared: true });
  const puppets = await puppetsOf(world.config);
  const waitMs = waitsMs[world.config.deliver];
  const lines: Line[] = [];
  const counts = new Map<string, number>();
  const result = (difference?: string): Compared => ({
    ...{ steps: walker.steps(), lines, counts, ...(difference !== undefined && { difference }) },
    status: walker.state().message?.status,
  });
  let deliverAt: number | undefined;

  for (;;) {
    const at = now;
    const taken = walker.next();
    if (!taken) return result();
    const { who, does, made } = taken;
    lines.push({ at, who, what: does });
    const fate = made && "fate" in made ? made.fate : "other";
    const [name = ""] = who.split(" ");
    const what = `lockstep ${name} ${fate}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    // The sender asks for one time, and says the same if it repeats what nobody has.
    if (!taken.before.message && waitMs !== undefined) deliverAt = at + waitMs;
    puppets.setDeliverAt(deliverAt);
    // Both make the step at the same moment; after it the clock has gone on.
    const after = now;
    if (made) moveTo(at);
    const wrong = await makeReal({ world, puppets }, taken);
    moveTo(after);
    if (wrong !== undefined) return result(`${who} ${wrong}, and in the model ${does}`);
    const { model, real } = sidesOf(world, taken, puppets, told);
    const difference = differenceOf(model, real);
    if (difference !== undefined) return result(`after "${who} ${does}": ${difference}`);
  }
};
