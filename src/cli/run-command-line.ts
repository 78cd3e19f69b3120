import { CommanderError } from 'commander';
import { StatusError } from '../core/status-error.ts';
import type { CommandContext } from './command-context.ts';
import { ExitStatus } from './exit-status.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

const HELP: ReadonlySet<string> = new Set(['--help', '-h', 'help']);

/**
 * Runs one command line.
 *
 * @param args  what follows `longrunning`.
 * @returns the exit status, one of ExitStatus.
 */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  // Its flags are settings, which the environment and a file may give as well: they are read where the settings are.
  const asksForHelp = args.some((word) => HELP.has(word));
  if (args[0] === 'serve' && !asksForHelp) return context.serve(args.slice(1));
  // Its flags are read by the suite, which knows what they may be.
  if (args[0] === 'conformance' && !asksForHelp) return context.conformance(args.slice(1), context);
  let status: number = ExitStatus.DONE;
  const program = createProgram(context, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(wordsOf(args), { from: 'user' });
    return status;
  } catch (error) {
    return await failure(error, context);
  }
}

/** Nothing asks for help, and so does `serve help`. */
function wordsOf(args: readonly string[]): string[] {
  const [command] = args;
  if (command === undefined) return ['--help'];
  return command === 'serve' || command === 'conformance' ? [command, '--help'] : [...args];
}

async function failure(error: unknown, context: CommandContext): Promise<number> {
  // commander has written what is to be said; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.DONE : ExitStatus.USAGE;
  // Nobody reads any more, as after `| head`: what was asked for is done.
  if (context.stdout.closed.aborted) return ExitStatus.DONE;
  if (error instanceof UsageError) return tell(context, [error.message], ExitStatus.USAGE);
  if (!(error instanceof StatusError)) throw error;
  // Help and completion do not need it, and are to be quick.
  const { errorLines } = await import('./format/error-text.ts');
  const isUsage = error.info.reason === 'INVALID_SETTING' || error.info.reason === 'INVALID_ADDRESS';
  return tell(context, errorLines(error), isUsage ? ExitStatus.USAGE : ExitStatus.FAILED);
}

function tell({ stderr }: CommandContext, [head = '', ...rest]: readonly string[], status: number): number {
  stderr.write([`longrunning: ${head}`, ...rest].map((line) => `${line}\n`).join(''));
  return status;
}
