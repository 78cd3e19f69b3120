import type { Command } from 'commander';
import type { ListWorkersOptions } from '../commands/workers-list.ts';
import type { CommandContext } from '../command-context.ts';
import { parseCount } from '../option-values.ts';
import { withServerOptions } from './server-flags.ts';
import type { Ended } from './ended.ts';

/** `workers …`, over OperationControl. */
export function addWorkersCommands(program: Command, context: CommandContext, ended: Ended): void {
  const workers = program.command('workers').description('show who carries out operations');
  withServerOptions(workers.command('list'))
    .description('list the workers of the server, and the owners that hold operations')
    .option('--limit <count>', 'list so many owners at most', parseCount, 100)
    .action(async (options: ListWorkersOptions) => {
      const { workersList } = await import('../commands/workers-list.ts');
      ended(await workersList(options, context));
    });
}
