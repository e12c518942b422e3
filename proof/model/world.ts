import { type AnyChange, evolve, isOwnWrite, meets } from "../../domain/change.ts";
import { type ChangeVerb, lifecycle, type Row, type Verb } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import type { Event, Faulted, Recorded, Written } from "../invariants/events.ts";
import { judge } from "../invariants/judge.ts";
import { remember } from "../invariants/past.ts";
import type { Violation } from "../invariants/promises.ts";
import { type Config, jobOfRun, namesOf, type Role, rolesOf } from "./config.ts";
import { clockMarginMs, now, resendAfterMs } from "./moments.ts";
import { type Actor, type Copies, content, idle, key, type State } from "./state.ts";

/** A state while one step changes it, and what that step broke. */
export type World = {
  -readonly [Part in keyof State]: Part extends "actors" | "queue" | "jobs"
    ? [...State[Part]]
    : State[Part];
} & {
  readonly violations: Violation[];
  /** For the story: the verb that was refused. */
  refused?: ChangeVerb;
};

/** What became of a write, as the stores have it. */
export type Changed =
  | { readonly kind: "done"; readonly message: Message }
  | { readonly kind: "lost"; readonly current?: Message };

export const worldOf = (state: State): World => ({
  ...state,
  actors: [...state.actors],
  queue: [...state.queue],
  jobs: [...state.jobs],
  violations: [],
});

const anyStatus = ["PENDING", "QUEUED", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED"] as const;

/** The rows of the lifecycle, less the condition that the search is to do without. */
const rowsOf = ({ without }: Config): Readonly<Record<Verb, Row>> => {
  if (without === undefined) return lifecycle;
  const [verb, part, field] = without.split(".") as [Verb, keyof Row, string | undefined];
  const row: Row = lifecycle[verb];
  const left = (row[part] as readonly string[]).filter((each) => each !== field);
  return { ...lifecycle, [verb]: { ...row, [part]: part === "from" ? anyStatus : left } };
};

/** What can be done to a world: the writes, sends and requests, each seen by the judge. */
export const effectsFor = (config: Config) => {
  const rows = rowsOf(config);
  const roles = rolesOf(config);
  const names = namesOf(roles);
  // Where all clocks agree nothing begins early, not even by what clocks may differ.
  const bounds = {
    clockMarginMs: config.clocksDiffer ? clockMarginMs : 0,
    resendAfterMs,
    lookAfterLeaseMs: clockMarginMs + 1,
  };

  const observe = (world: World, event: Event): void => {
    world.violations.push(...judge(world.past, event, bounds));
    world.past = remember(world.past, event);
  };
  const fault = (world: World, what: Faulted["what"]): void => {
    world.faults -= 1;
    observe(world, { kind: "fault", at: now, what });
  };

  const write = (world: World, by: string, role: Written["role"], after: Message): void => {
    const index = roles.indexOf("job run") < 0 ? -1 : names.indexOf(by);
    const isOfJob = roles[index] === "job run";
    const writer = { by, role, ...(isOfJob && { jobId: jobIdOf(config, index) }) };
    observe(world, { kind: "written", key, at: now, ...writer, before: world.message, after });
    world.message = after;
  };

  /** One conditional write, as the stores make it: a refusal that was my own write is none. */
  const change = (
    world: World,
    { by, role }: { readonly by: string; readonly role: Written["role"] },
    verb: ChangeVerb,
    asked: AnyChange,
  ): Changed => {
    const { message } = world;
    if (message && meets(rows[verb], message, asked)) {
      const after = evolve(verb, message, asked);
      write(world, by, role, after);
      return { kind: "done", message: after };
    }
    if (message && isMine(verb, message, asked)) return { kind: "done", message };
    world.refused = verb;
    return { kind: "lost", current: message };
  };
  const isMine = (verb: ChangeVerb, message: Message, asked: AnyChange): boolean =>
    config.mistake === "own-by-number"
      ? isOwnWrite(verb, message, {
          ...asked,
          owner: message.owner,
          set: { ...asked.set, owner: undefined },
        })
      : isOwnWrite(verb, message, asked);

  const record = (world: World, what: Recorded["what"], attempt: number): void =>
    observe(world, { kind: "record", key, at: now, what, attempt });

  const put = (world: World, attempt: number, kind: keyof Copies, by = 1): void => {
    const copies = world.queue[attempt];
    if (copies) world.queue[attempt] = { ...copies, [kind]: copies[kind] + by };
  };

  return {
    roles,
    names,
    isTimed: config.isTimed === true,
    rows,
    observe,
    fault,
    write,
    change,
    record,
    put,
    send: (world: World, attempt: number, kind: keyof Copies): void => {
      put(world, attempt, kind);
      record(world, "put", attempt);
    },
    told: (world: World, status: number): void =>
      observe(world, { kind: "told", key, at: now, content, status }),
    become: (world: World, index: number, actor: Partial<Actor>): void => {
      world.actors[index] = { ...idle, ...actor };
    },
    /** Whose work dies with its process: what it had in its hand is received again. */
    die: (world: World, index: number): void => {
      const { record: attempt } = world.actors[index] ?? idle;
      if (attempt > 0) put(world, attempt, "ready");
      const role = roles[index] ?? "worker";
      const isOnce = ["ingestion", "operator", "sender", "eraser"].includes(role);
      world.actors[index] = isOnce ? { ...idle, at: "done" } : idle;
    },
  };
};
export type Effects = ReturnType<typeof effectsFor>;

/** What a role writes as: a person is the sender, and the dispatcher works at jobs. */
export const writerRole = (role: Role): Written["role"] => {
  if (role === "job run") return "dispatcher";
  return role === "operator" || role === "eraser" ? "sender" : role;
};

export const jobId = (index: number): string => `job-${index + 1}`;
export const jobIdOf = (config: Config, run: number): string => jobId(jobOfRun(config, run));
