import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addCompletionCommand } from './program/completion.ts';
import { addConformanceCommand } from './program/conformance.ts';
import type { Ended } from './program/ended.ts';
import { addJobsCommands } from './program/jobs.ts';
import { addOperationsCommands } from './program/operations.ts';
import { addServeCommand } from './program/serve.ts';
import { addTransferCommand } from './program/transfer.ts';
import { addWorkersCommands } from './program/workers.ts';
import { isPlain } from './terminal.ts';

const EXAMPLES = `
Examples:
  longrunning serve --posix-root /srv/data      a sidecar, on 127.0.0.1:50051
  longrunning transfer ./from ./to              copy a directory, on your own
  longrunning operations list                   what is, and was, under way
  longrunning operations wait NAME && echo ok   for scripts
  eval "$(longrunning completion bash)"         completion by the Tab key

Exit status: 0 done; 1 refused, failed or cancelled; 2 the command line is
wrong; 124 the time to wait was over; 130 cancelled by Ctrl-C.`;

/**
 * All commands with their arguments, options and help. What a command does is loaded when it runs, so that help and completion are quick.
 */
export function createProgram(context: CommandContext, ended: Ended): Command {
  const program = new Command('longrunning')
    .description('Real long-running operations: run a sidecar, copy directories, and look at operations.')
    .version(`longrunning ${context.version}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print the help of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: termOf })
    .showSuggestionAfterError()
    .showHelpAfterError('See --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        context.stdout.write(text);
      },
      writeErr: (text) => {
        context.stderr.write(text.replace(/^error: /, 'longrunning: '));
      },
      getOutHelpWidth: () => (context.stdout.isTerminal ? context.stdout.columns : 80),
      getErrHelpWidth: () => (context.stderr.isTerminal ? context.stderr.columns : 80),
      getOutHasColors: () => !isPlain(context.stdout, context.environment),
      getErrHasColors: () => !isPlain(context.stderr, context.environment),
    })
    .addHelpText('after', EXAMPLES);
  addServeCommand(program);
  addTransferCommand(program, context, ended);
  addOperationsCommands(program, context, ended);
  addJobsCommands(program, context, ended);
  addWorkersCommands(program, context, ended);
  addConformanceCommand(program);
  addCompletionCommand(program, context);
  return program;
}

/** A command in a list of commands: that it has options is said by its own help. */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}
