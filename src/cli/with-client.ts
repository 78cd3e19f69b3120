import { LongrunningClient } from '../client/longrunning-client.ts';
import type { CommandContext } from './command-context.ts';
import { addressOf, type ServerOptions } from './server-options.ts';

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
