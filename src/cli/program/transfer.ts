import type { Command } from 'commander';
import type { OverwriteWhen } from '../../client/messages.ts';
import type { TransferOptions } from '../commands/transfer.ts';
import type { CommandContext } from '../command-context.ts';
import { projectOf } from '../server-options.ts';
import { overwriteOption, projectOption } from './server-flags.ts';
import type { Ended } from './ended.ts';

const AFTER = `
Without --address and LONGRUNNING_ADDRESS this process itself carries out the
transfer. Ctrl-C cancels it and waits until it has stopped; another Ctrl-C, a
second later or more, gives up waiting. Nothing half-written is left, and the
same command again copies what is missing.

Examples:
  longrunning transfer ./photos /backup/photos
  longrunning transfer --address 127.0.0.1:50051 /srv/a /srv/b
  longrunning transfer --json --quiet from to | jq .metadata.counters`;

type Flags = Omit<TransferOptions, 'overwrite' | 'project'> & { readonly overwrite: string; readonly project?: string };

export function addTransferCommand(program: Command, context: CommandContext, ended: Ended): void {
  program
    .command('transfer')
    .description('copy a directory, showing its progress')
    .argument('<source>', 'directory that is copied')
    .argument('<destination>', 'directory that it is copied to; made where it is missing')
    .option('--address <address>', 'HOST:PORT or unix:PATH of a running sidecar (LONGRUNNING_ADDRESS)')
    .option('--name <job>', 'the transfer job (one of these two directories)')
    .addOption(overwriteOption())
    .addOption(projectOption())
    .option('--database <where>', 'sqlite:PATH or memory:, without a server (in your state directory)')
    .option('--config <file>', 'YAML with limits, without a server')
    .option('--json', 'print the finished operation as JSON')
    .option('--quiet', 'print errors only')
    .addHelpText('after', AFTER)
    .action(async (source: string, sink: string, flags: Flags) => {
      const { transfer } = await import('../commands/transfer.ts');
      const overwrite = flags.overwrite.toUpperCase() as OverwriteWhen;
      const options = { ...flags, overwrite, project: projectOf(flags, context) };
      ended(await transfer({ source, sink }, options, context));
    });
}
