import { LongrunningClient } from '../client/longrunning-client.ts';
import type { CommandContext } from './command-context.ts';

/** Where the server is, unless it is said. */
const DEFAULT_ADDRESS = '127.0.0.1:50051';
const DEFAULT_PROJECT = 'default';

/** What every command that asks a server takes. */
export interface ServerOptions {
  readonly address?: string;
  readonly json?: boolean;
}

export interface ProjectOptions extends ServerOptions {
  readonly project?: string;
}

/** Runs a command with a client, which is closed in the end. The signal aborts when nobody reads what it writes. */
export async function withClient<T>(
  options: ServerOptions,
  context: CommandContext,
  run: (client: LongrunningClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const client = new LongrunningClient(addressOf(options, context));
  try {
    return await run(client, context.stdout.closed);
  } finally {
    client.close();
  }
}

/** `--address`, else LONGRUNNING_ADDRESS, else where `longrunning serve` listens. */
export function addressOf({ address }: ServerOptions, { environment }: CommandContext): string {
  return address ?? given(environment['LONGRUNNING_ADDRESS']) ?? DEFAULT_ADDRESS;
}

/** `--project`, else LONGRUNNING_PROJECT, else `default`. */
export function projectOf({ project }: { readonly project?: string }, { environment }: CommandContext): string {
  return project ?? given(environment['LONGRUNNING_PROJECT']) ?? DEFAULT_PROJECT;
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
