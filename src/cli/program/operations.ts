import type { Command } from 'commander';
import type { CancelOptions } from '../commands/operations-cancel.ts';
import type { ListOptions } from '../commands/operations-list.ts';
import type { WaitOptions } from '../commands/operations-wait.ts';
import type { WatchOptions } from '../commands/operations-watch.ts';
import type { CommandContext } from '../command-context.ts';
import { parseCount, parseTimeout } from '../option-values.ts';
import type { ServerOptions } from '../server-options.ts';
import { projectOption, withServerOptions } from './server-flags.ts';
import type { Ended } from './ended.ts';

const AFTER = `
Examples:
  longrunning operations list
  longrunning operations list transferOperations --project demo
  longrunning operations list operations --filter 'done = false'
  longrunning operations wait operations/1 --timeout 5m
  longrunning operations cancel --wait operations/1
  longrunning operations cancel --filter 'labels.team = a'`;

const NAME = 'the name, such as operations/1 or transferOperations/1';

/** `operations …`, over google.longrunning.Operations and OperationControl. */
export function addOperationsCommands(program: Command, context: CommandContext, ended: Ended): void {
  const operations = program
    .command('operations')
    .description('list, watch and cancel operations')
    .addHelpText('after', AFTER);
  addLists(operations, context, ended);
  addLooks(operations, context, ended);
  addChanges(operations, context, ended);
}

function addLists(operations: Command, context: CommandContext, ended: Ended): void {
  withServerOptions(operations.command('list'))
    .description('list operations, the newest first')
    .argument('[collection]', 'such as transferOperations or projects/*/locations/*; operations unless given')
    .option('--filter <filter>', "in the language of the collection's surface")
    .option('--page-size <count>', 'of one call to the server', parseCount)
    .option('--limit <count>', 'list so many at most', parseCount, 100)
    .addOption(projectOption())
    .action(async (name: string | undefined, options: ListOptions) => {
      const { operationsList } = await import('../commands/operations-list.ts');
      ended(await operationsList(name, options, context));
    });
  withServerOptions(operations.command('watch'))
    .description('print each change of an operation, or of a collection')
    .argument('[name]', NAME)
    .option('--parent <collection>', 'watch all operations of a collection')
    .option('--filter <filter>', 'which of them')
    .action(async (name: string | undefined, options: WatchOptions) => {
      const { operationsWatch } = await import('../commands/operations-watch.ts');
      ended(await operationsWatch(name, options, context));
    });
}

function addLooks(operations: Command, context: CommandContext, ended: Ended): void {
  withServerOptions(operations.command('get'))
    .description('show an operation')
    .argument('<name>', NAME)
    .action(async (name: string, options: ServerOptions) => {
      const { operationsGet } = await import('../commands/operations-get.ts');
      ended(await operationsGet(name, options, context));
    });
  withServerOptions(operations.command('describe'))
    .description('explain an operation: who holds it, why it waits, what comes next')
    .argument('<name>', NAME)
    .action(async (name: string, options: ServerOptions) => {
      const { operationsDescribe } = await import('../commands/operations-describe.ts');
      ended(await operationsDescribe(name, options, context));
    });
  withServerOptions(operations.command('wait'))
    .description('wait until an operation is done; the exit status says how it has ended')
    .argument('<name>', NAME)
    .option('--timeout <duration>', 'wait so long at most, such as 30s or 5m', parseTimeout)
    .action(async (name: string, options: WaitOptions) => {
      const { operationsWait } = await import('../commands/operations-wait.ts');
      ended(await operationsWait(name, options, context));
    });
}

function addChanges(operations: Command, context: CommandContext, ended: Ended): void {
  withServerOptions(operations.command('cancel'))
    .description('ask operations to stop')
    .argument('[names...]', NAME)
    .option('--wait', 'until they have stopped')
    .option('--filter <filter>', 'all that match and are there by now; waits until each was asked (* is every one)')
    .option('--request-id <id>', 'the one that was, or will be, created with this request id')
    .option('--parent <collection>', 'of --filter and --request-id (operations)')
    .action(async (names: string[], options: CancelOptions) => {
      const { operationsCancel } = await import('../commands/operations-cancel.ts');
      ended(await operationsCancel(names, options, context));
    });
  withServerOptions(operations.command('delete'))
    .description('forget operations; work that is under way goes on')
    .argument('<names...>', NAME)
    .action(async (names: string[], options: ServerOptions) => {
      const { operationsDelete } = await import('../commands/operations-delete.ts');
      ended(await operationsDelete(names, options, context));
    });
}
