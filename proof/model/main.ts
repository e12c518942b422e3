import { systemClock } from "../../adapters/clock.ts";
import { print, showProgress } from "../../adapters/terminal.ts";
import {
  counted,
  exitCodes,
  flag,
  oneOf,
  optionsOrExit,
  type Values,
  wholeNumber,
} from "../options.ts";
import { conditions } from "./conditions.ts";
import { type Config, defaults, type Mistake, mistakes, replaysMax } from "./config.ts";
import { type Progress, search } from "./search.ts";
import { storyOf } from "./story.ts";

const mistakesInLines = Object.keys(mistakes).join("\n                     ");

const usage = `Searches every state that one message can come to, with all that can go wrong.

  npm run test:model -- [options]

  --faults <n|all>   how many faults may happen (1)
  --ingestions <n>   submits of the message: the first, and repeats (2)
  --workers <n>      (2)
  --dispatchers <n>  (1)
  --attempts <n>     how many attempts the message has (2)
  --replays <n>      how many people may replay it (0)
  --send-nows <n>    how many people may ask for its next attempt at once (0)
  --erases <n>       how many people may erase its content (0)
  --jobs <n>         how many jobs may be made over it (0)
  --job-runs <n>     how many runs of the dispatcher may be at each job at once (1)
  --job-action <replay|cancel>   what the jobs do (replay)
  --canary           a job that replays has canaries
  --job-changes <n>  how often persons may pause or resume jobs (0)
  --cancel           its sender may cancel it, once
  --cancels <n>      as often as this
  --clocks-differ    by as much as they may
  --far              waits may be longer than the queue can hold a record
  --deliver <now|near|far>   when its sender wants it (now)
  --outbox           the first submit comes by a transaction of its sender
  --without <verb.part.field>   take this condition out of the lifecycle
  --mistake <name>   put this mistake in, one of:
                     ${mistakesInLines}
  --conditions       take out each condition in turn, where it is known to be missed
  --states <n>       give up after so many states (14 million)

As it is it takes about 15 s on an idle machine of two cores; with two faults some minutes.
--cancel --replays 1 with two workers goes on for many millions of states: --workers 1 or --states.

Exit codes: 0 every promise holds; 1 one is broken; 2 it could not be run; 3 not all states were
looked at, and in those that were every promise holds.
`;

const count = wholeNumber(1, 4);
const options = {
  faults: {
    takes: "a whole number from 0 to 100, or all",
    read: (text: string) =>
      text === "all" ? Number.POSITIVE_INFINITY : wholeNumber(0, 100).read(text),
  },
  ingestions: count,
  workers: count,
  dispatchers: wholeNumber(1, 3),
  attempts: wholeNumber(1, 6),
  replays: wholeNumber(0, 3),
  "send-nows": wholeNumber(0, 3),
  erases: wholeNumber(0, 3),
  jobs: wholeNumber(0, 2),
  "job-runs": wholeNumber(1, 2),
  "job-action": oneOf(["replay", "cancel"]),
  canary: flag,
  "job-changes": wholeNumber(0, 3),
  cancel: flag,
  cancels: wholeNumber(0, 10),
  "clocks-differ": flag,
  far: flag,
  deliver: oneOf(["now", "near", "far"]),
  outbox: flag,
  without: {
    takes: "a condition such as enqueue.seen.notBefore; --conditions lists them",
    read: (text: string) => conditions.find(({ name }) => name === text)?.name,
  },
  mistake: oneOf(Object.keys(mistakes) as readonly Mistake[]),
  conditions: flag,
  states: wholeNumber(1, 16_000_000),
} as const;
type Asked = Values<typeof options>;

/** A state has room for attempts up to this number, those included that replays add. */
const attemptsInAll = 6;

const contradictions = (asked: Asked): readonly string[] => {
  const { attempts = defaults.attempts } = asked;
  const replays = replaysMax(configOf(asked));
  const others = Object.keys(asked).filter((name) => name !== "conditions");
  return [
    ...("cancel" in asked && "cancels" in asked ? ["--cancel and --cancels: either of them"] : []),
    ...(asked.conditions && others.length > 0
      ? [`--conditions goes alone, without --${others.join(", --")}`]
      : []),
    ...(attempts * (1 + replays) > attemptsInAll
      ? [
          `--attempts ${attempts} with --replays ${replays} are ${attempts * (1 + replays)} attempts; ${attemptsInAll} at most`,
        ]
      : []),
  ];
};

const say = (text: string): void => {
  print(`${text}\n`);
};
const grouped = (count: number): string => count.toLocaleString("en");
const memory = (): string => `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`;

const configOf = ({
  cancel,
  cancels = 0,
  "clocks-differ": clocksDiffer,
  "send-nows": sendNows = 0,
  "job-runs": jobRuns = defaults.jobRuns,
  "job-action": jobAction = defaults.jobAction,
  "job-changes": jobChanges = defaults.jobChanges,
  ...asked
}: Asked): Config => {
  const { far = false, conditions: _, states: __, ...rest } = asked;
  return {
    ...{ ...defaults, ...rest, far },
    cancels: cancel ? 1 : cancels,
    ...{ sendNows, jobRuns, jobAction, jobChanges, canary: rest.canary ?? false },
    clocksDiffer: clocksDiffer ?? false,
  };
};

const described = (config: Config): string =>
  [
    `${counted(config.ingestions, "submit")}, ${counted(config.workers, "worker")}, ${counted(config.dispatchers, "dispatcher")}`,
    `${counted(config.attempts, "attempt")}, ${counted(config.replays, "replay")}, ${counted(config.cancels, "cancel")}, ${counted(config.sendNows, "send-now")}`,
    config.faults === Number.POSITIVE_INFINITY
      ? "any number of faults"
      : counted(config.faults, "fault"),
    config.clocksDiffer ? "clocks differ" : "clocks agree",
    ...(config.deliver === "now" ? [] : [`to be delivered later (${config.deliver})`]),
    ...(config.far ? ["near and far waits"] : []),
    ...(config.erases > 0 ? [counted(config.erases, "erasure")] : []),
    ...(config.jobs > 0
      ? [
          `${counted(config.jobs, "job")} that ${config.jobAction} it, ${counted(config.jobRuns, "run")} at each`,
          `${config.canary ? "with" : "without"} canaries, ${counted(config.jobChanges, "pause or resume")}`,
        ]
      : []),
    ...(config.outbox ? ["the first submit by the outbox"] : []),
    ...(config.without ? [`without ${config.without}`] : []),
    ...(config.mistake ? [`with a mistake: ${mistakes[config.mistake]}`] : []),
  ].join("; ");

/** On a terminal one line that rewrites itself; elsewhere one every ten seconds. */
const reporter = (startedAt: number) => {
  const isTerminal = process.stdout.isTTY === true;
  let reportedAt = startedAt;
  return ({ states, transitions, depth, waiting }: Progress): void => {
    const now = systemClock();
    if (now - reportedAt < (isTerminal ? 200 : 10_000)) return;
    reportedAt = now;
    const rate = Math.round((states / (now - startedAt)) * 1000);
    const line = `${grouped(states)} states, ${grouped(transitions)} transitions, depth ${depth}, ${grouped(waiting)} to look at, ${grouped(rate)} states/s, ${memory()}`;
    showProgress(process.stdout, `  ${line}`);
  };
};

/** Makes the search, says what came of it, and gives the exit code. */
const run = (config: Config, statesMax: number | undefined): number => {
  say(described(config));
  const startedAt = systemClock();
  const result = search(config, { statesMax, onProgress: reporter(startedAt) });
  const seconds = ((systemClock() - startedAt) / 1000).toFixed(1);
  showProgress(process.stdout, "");
  say(
    `${counted(result.states, "state")}, ${counted(result.transitions, "transition")}, ${counted(result.depth, "step")} deep, ${seconds} s, ${memory()}`,
  );
  if (result.violation) {
    say("\nA promise is broken. The shortest way to it:\n");
    for (const line of storyOf(config, result)) say(line);
    return exitCodes.broken;
  }
  say(
    result.isComplete
      ? "Every promise holds in every state, and from each of them the message ends."
      : "Not all states were looked at; in those that were, every promise holds.",
  );
  return result.isComplete ? 0 : exitCodes.notAll;
};

/** Each condition taken out in turn: the script's form of the test. */
const runConditions = (): boolean =>
  conditions
    .map(({ name, config, breaks, follows }) => {
      const startedAt = systemClock();
      const { violation, states, way } = search({ ...config, without: name });
      const seconds = ((systemClock() - startedAt) / 1000).toFixed(1);
      const isAsSaid = violation?.invariant === breaks;
      const found = violation
        ? `breaks "${violation.invariant}" in ${way.length} steps, with ${counted(config.faults, "fault")}`
        : `breaks nothing. ${follows}`;
      say(`${isAsSaid ? " " : "!"} without ${name.padEnd(45)} ${found}`);
      say(`          ${grouped(states)} states, ${seconds} s`);
      return isAsSaid;
    })
    .every((isAsSaid) => isAsSaid);

const asked = optionsOrExit(usage, options, contradictions);
if (asked.conditions) process.exitCode = runConditions() ? 0 : exitCodes.broken;
else process.exitCode = run(configOf(asked), asked.states);
