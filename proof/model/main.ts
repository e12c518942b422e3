import { parseArgs } from "node:util";
import { systemClock } from "../../adapters/clock.ts";
import { conditions } from "./conditions.ts";
import { type Config, defaults, type Mistake, mistakes } from "./config.ts";
import { type Progress, search } from "./search.ts";
import { storyOf } from "./story.ts";

const usage = `Searches every state that one message can come to, with all that can go wrong.

  npm run test:model -- [options]

  --faults <n|all>   how many faults may happen (1)
  --ingestions <n>   submits of the message: the first, and repeats (2)
  --workers <n>      (2)
  --dispatchers <n>  (1)
  --attempts <n>     how many attempts the message has (2)
  --replays <n>      how many people may replay it (0)
  --cancel           its sender may cancel it, once
  --cancels <n>      as often as this
  --clocks-differ    by as much as they may
  --far              waits may be longer than the queue can hold a record
  --deliver <now|near|far>   when its sender wants it (now)
  --without <verb.part.field>   take this condition out of the lifecycle
  --mistake <name>   put this mistake in: ${Object.keys(mistakes).join(", ")}
  --conditions       take out each condition in turn, where it is known to be missed
  --states <n>       give up after so many states (14 million)
`;

const options = {
  faults: { type: "string" },
  ingestions: { type: "string" },
  workers: { type: "string" },
  dispatchers: { type: "string" },
  attempts: { type: "string" },
  replays: { type: "string" },
  cancel: { type: "boolean" },
  cancels: { type: "string" },
  "clocks-differ": { type: "boolean" },
  far: { type: "boolean" },
  deliver: { type: "string" },
  without: { type: "string" },
  mistake: { type: "string" },
  conditions: { type: "boolean" },
  states: { type: "string" },
  help: { type: "boolean" },
} as const;

/** What was asked for is not to be had. */
const wrong = (what: string): Error => new Error(what, { cause: "option" });
const isWrong = (error: unknown): error is Error =>
  error instanceof Error &&
  (error.cause === "option" ||
    ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")));

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const grouped = (count: number): string => count.toLocaleString("en");
const memory = (): string => `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`;

const wholeNumber = (name: string, given: string | undefined, otherwise: number): number => {
  if (given === undefined) return otherwise;
  if (!/^\d{1,8}$/.test(given)) throw wrong(`--${name} takes a whole number, not ${given}`);
  return Number(given);
};

const configOf = (values: ReturnType<typeof parse>): Config => {
  const { without, mistake } = values;
  if (without !== undefined && !conditions.some(({ name }) => name === without))
    throw wrong(`There is no condition ${without}`);
  if (mistake !== undefined && !(mistake in mistakes))
    throw wrong(`There is no mistake ${mistake}`);
  const { deliver = "now" } = values;
  if (deliver !== "now" && deliver !== "near" && deliver !== "far")
    throw wrong(`--deliver takes now, near or far, not ${deliver}`);
  const count = (name: "ingestions" | "workers" | "dispatchers" | "attempts" | "replays"): number =>
    wholeNumber(name, values[name], defaults[name]);
  return {
    ingestions: count("ingestions"),
    workers: count("workers"),
    dispatchers: count("dispatchers"),
    attempts: count("attempts"),
    replays: count("replays"),
    cancels: values.cancel ? 1 : wholeNumber("cancels", values.cancels, 0),
    faults:
      values.faults === "all"
        ? Number.POSITIVE_INFINITY
        : wholeNumber("faults", values.faults, defaults.faults),
    clocksDiffer: values["clocks-differ"] ?? false,
    far: values.far ?? false,
    deliver,
    without,
    mistake: mistake as Mistake | undefined,
  };
};

const parse = () => parseArgs({ options }).values;

const described = (config: Config): string =>
  [
    `${config.ingestions} submits, ${config.workers} workers, ${config.dispatchers} dispatcher(s)`,
    `${config.attempts} attempts, ${config.replays} replays, ${config.cancels} cancels`,
    `${config.faults === Number.POSITIVE_INFINITY ? "any number of" : config.faults} faults`,
    config.clocksDiffer ? "clocks differ" : "clocks agree",
    ...(config.deliver === "now" ? [] : [`to be delivered later (${config.deliver})`]),
    ...(config.far ? ["near and far waits"] : []),
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
    process.stdout.write(isTerminal ? `\r\u001b[K  ${line}` : `  ${line}\n`);
  };
};

const run = (config: Config, statesMax: number | undefined): boolean => {
  say(described(config));
  const startedAt = systemClock();
  const result = search(config, { statesMax, onProgress: reporter(startedAt) });
  const seconds = ((systemClock() - startedAt) / 1000).toFixed(1);
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
  say(
    `${grouped(result.states)} states, ${grouped(result.transitions)} transitions, ${result.depth} steps deep, ${seconds} s, ${memory()}`,
  );
  if (result.violation) {
    say("\nA promise is broken. The shortest way to it:\n");
    for (const line of storyOf(config, result)) say(line);
    return false;
  }
  say(
    result.isComplete
      ? "Every promise holds in every state, and from each of them the message ends."
      : "Not all states were looked at; in those that were, every promise holds.",
  );
  return true;
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
        ? `breaks "${violation.invariant}" in ${way.length} steps, with ${config.faults} fault(s)`
        : `breaks nothing. ${follows}`;
      say(`${isAsSaid ? " " : "!"} without ${name.padEnd(45)} ${found}`);
      say(`          ${grouped(states)} states, ${seconds} s`);
      return isAsSaid;
    })
    .every((isAsSaid) => isAsSaid);

const main = (): boolean => {
  const values = parse();
  if (values.help) {
    say(usage);
    return true;
  }
  if (values.conditions) return runConditions();
  const statesMax =
    values.states === undefined ? undefined : wholeNumber("states", values.states, 0);
  return run(configOf(values), statesMax);
};

try {
  if (!main()) process.exitCode = 1;
} catch (error) {
  if (!isWrong(error)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
