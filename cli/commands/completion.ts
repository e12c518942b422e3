import { Argument, Command } from "commander";
import { completionFor, shells } from "../completion.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";

export const completion = (io: Io): Command =>
  new Command("completion")
    .summary("print the completion of a shell")
    .description("Prints a script that completes commands and options in a shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText(
      "after",
      examples(
        'eval "$(postrider completion bash)"                # in ~/.bashrc',
        'eval "$(postrider completion zsh)"                 # in ~/.zshrc, after compinit',
        "postrider completion fish > ~/.config/fish/completions/postrider.fish",
      ),
    )
    .action((shell: (typeof shells)[number], _options: object, command: Command) => {
      const root = command.parent ?? command;
      for (const line of completionFor(shell, root)) io.out(line);
    });
