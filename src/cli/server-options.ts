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
