import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { completionScript, SHELLS, type CommandWords, type Shell } from '../format/completion-script.ts';

const AFTER = `
Examples:
  eval "$(longrunning completion bash)"
  longrunning completion zsh > "\${fpath[1]}/_longrunning"
  longrunning completion fish > ~/.config/fish/completions/longrunning.fish`;

/** `completion SHELL`: made from the commands themselves, so that it cannot lag behind them. */
export function addCompletionCommand(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .description('print a script for the Tab key')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', AFTER)
    .action((shell: Shell) => {
      context.stdout.write(completionScript(shell, wordsOf(program)));
    });
}

function wordsOf(command: Command): CommandWords {
  return {
    name: command.name(),
    description: command.description(),
    flags: [
      ...command.options.map(({ long, description, argChoices, required }) => ({
        name: long ?? '',
        description,
        takesValue: required,
        choices: argChoices ?? [],
      })),
      { name: '--help', description: 'print the help', takesValue: false, choices: [] },
    ],
    commands: command.commands.map(wordsOf),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    takesFiles: command.registeredArguments.some((argument) => /source|destination/.test(argument.name())),
  };
}
