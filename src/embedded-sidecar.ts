import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { EmbeddedSettings, EmbeddedSidecar } from './cli/command-context.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './config/sources.ts';
import { Code } from './core/code.ts';
import { StatusError } from './core/status-error.ts';
import { startSidecar } from './sidecar.ts';

/** How long a stop may take when nothing is left to be done, milliseconds. */
const STOP_MS = 10_000;

/**
 * A whole sidecar within this process, for the command that needs one: on a socket that only this user can reach, without HTTP.
 *
 * Environment variables of `serve` do not count: they describe another sidecar.
 * @throws StatusError as startSidecar, and INVALID_ARGUMENT (INVALID_SETTING) for a setting that means nothing.
 */
export async function startEmbeddedSidecar(settings: EmbeddedSettings): Promise<EmbeddedSidecar> {
  const directory = mkdtempSync(join(tmpdir(), 'longrunning-'));
  const removeDirectory = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const config = configOf(settings, join(directory, 'grpc.sock'));
    const sidecar = await startSidecar(config, warningsLog(settings.warn));
    return {
      address: sidecar.addresses.grpc[0] ?? '',
      lost: sidecar.lost,
      stop: async (forced) => {
        const { stuck } = await sidecar.drain(STOP_MS, forced);
        removeDirectory();
        if (stuck.length === 0) return;
        settings.warn(`${stuck.join(', ')} did not stop; killing this process`);
        // A thread that is stuck in a system call keeps the process from exiting by itself; the database is closed already.
        process.kill(process.pid, 'SIGKILL');
      },
    };
  } catch (error) {
    removeDirectory();
    throw error;
  }
}

function configOf({ posixRoots, database, config }: EmbeddedSettings, socket: string): ReturnType<typeof readConfig> {
  const flags = [
    `--grpc=unix:${socket}`,
    '--http=off',
    `--database=${database}`,
    ...posixRoots.map((root) => `--posix-root=${root}`),
    ...(config === undefined ? [] : [`--config=${config}`]),
  ];
  try {
    return readConfig(flags, {});
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new StatusError(Code.INVALID_ARGUMENT, cause.message, { reason: 'INVALID_SETTING', cause });
  }
}

/** A log whose warnings and errors are told in a line each. */
function warningsLog(warn: (message: string) => void): pino.Logger {
  const write = (line: string): void => {
    const { msg, error } = JSON.parse(line) as {
      readonly msg?: string;
      readonly error?: { readonly message?: string };
    };
    warn(error?.message === undefined ? (msg ?? '') : `${msg ?? ''}: ${error.message}`);
  };
  return pino({ base: null, level: 'warn', serializers: { error: pino.stdSerializers.err } }, { write });
}
