import type { Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;

/** The words that may follow some words of a command line: commands, and options. */
type Place = {
  /** `jobs list`; empty for the program itself. */
  readonly words: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
};
type Word = { readonly word: string; readonly about: string };

const optionsOf = (command: Command): readonly Word[] => [
  ...command.options.map(({ long, short, description }) => ({
    word: long ?? short ?? "",
    about: description,
  })),
  { word: "--help", about: "display help" },
];

/** Words that an argument may be, such as the name of a shell. */
const choicesOf = (command: Command): readonly Word[] =>
  command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, about: description })),
  );

const placesOf = (command: Command, words: readonly string[], common: readonly Word[]): Place[] => [
  {
    words: words.join(" "),
    commands: [
      ...command.commands.map((each) => ({ word: each.name(), about: each.summary() })),
      ...choicesOf(command),
    ],
    options: [
      ...optionsOf(command),
      ...(words.length === 0 ? [] : common.filter(({ word }) => word !== "--version")),
    ],
  },
  ...command.commands.flatMap((each) => placesOf(each, [...words, each.name()], common)),
];

const caseLines = (places: readonly Place[]): readonly string[] =>
  places.map(({ words, commands, options }) => {
    const names = [...commands, ...options].map(({ word }) => word).join(" ");
    return `    "${words}") candidates="${names}" ;;`;
  });

const namesOf = (places: readonly Place[]): readonly string[] =>
  places.flatMap(({ words }) => (words === "" ? [] : [words]));

/**
 * Bash and zsh: the words of the line that are commands decide the place. Options may stand between
 * them; the value of one counts as a command only where a command with that name could stand.
 */
const placeLines = (places: readonly Place[], wordsBefore: string): readonly string[] => [
  `  for word in ${wordsBefore}; do`,
  `    case "\${place:+$place }$word" in`,
  `      ${namesOf(places)
    .map((words) => `"${words}"`)
    .join("|")}) place="\${place:+$place }$word" ;;`,
  "    esac",
  "  done",
  '  case "$place" in',
  ...caseLines(places),
  "  esac",
];

const bash = (places: readonly Place[]): readonly string[] => [
  "_postrider() {",
  `  local place="" word candidates current="\${COMP_WORDS[COMP_CWORD]}"`,
  ...placeLines(places, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`),
  '  COMPREPLY=($(compgen -W "$candidates" -- "$current"))',
  "}",
  "complete -o default -F _postrider postrider",
];

/** Where no word fits, a file may: as bash does by its `default`. */
const zsh = (places: readonly Place[]): readonly string[] => [
  "_postrider() {",
  '  local place="" word candidates',
  ...placeLines(places, `"\${(@)words[2,CURRENT-1]}"`),
  `  compadd -- \${=candidates} || _files`,
  "}",
  "compdef _postrider postrider",
];

const quoted = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const fish = (places: readonly Place[]): readonly string[] => [
  "function __postrider_at",
  "    set -l place",
  "    for word in (commandline -opc)[2..]",
  '        switch (string trim -- "$place $word")',
  `            case ${namesOf(places).map(quoted).join(" ")}`,
  "                set -a place $word",
  "        end",
  "    end",
  '    test "$place" = "$argv"',
  "end",
  "complete -c postrider -e",
  ...places.flatMap(({ words, commands, options }) => {
    const here = `complete -c postrider -n ${quoted(`__postrider_at ${words}`.trim())}`;
    return [
      ...commands.map(({ word, about }) => `${here} -f -a ${word} -d ${quoted(about)}`),
      ...options.map(({ word, about }) => `${here} -l ${word.slice(2)} -d ${quoted(about)}`),
    ];
  }),
];

/** Returns the script that completes the commands and options of a program in a shell. */
export const completionFor = (
  shell: (typeof shells)[number],
  program: Command,
): readonly string[] => {
  const common = optionsOf(program).filter(({ word }) => word !== "--help");
  const places = placesOf(program, [], common);
  return { bash, zsh, fish }[shell](places);
};
