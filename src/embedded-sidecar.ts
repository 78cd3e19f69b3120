import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { EmbeddedSettings, EmbeddedSidecar } from './cli/command-context.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './config/sources.ts';
import { Code } from './core/code.ts';
import { StatusError } from './core/status-error.ts';
import { startSidecar } from './sidecar.ts';

/** How long a stop may take when nothing is left to be done, milliseconds. */
const STOP_MS = 10_000;

/** unix(7): sun_path holds 108 bytes with the final zero. */
const SOCKET_PATH_BYTES_MAX = 107;

/** Where an embedded sidecar listens. */
interface SocketPlace {
  readonly path: string;
  /** After the sidecar has ended, or has never begun: `wasServed` says which. */
  remove(wasServed: boolean): void;
}

/**
 * A whole sidecar within this process, for the command that needs one: on a socket that only this user can reach, without HTTP.
 *
 * Environment variables of `serve` do not count: they describe another sidecar.
 * @throws StatusError as startSidecar, and INVALID_ARGUMENT (INVALID_SETTING) for a setting that means nothing.
 */
export async function startEmbeddedSidecar(settings: EmbeddedSettings): Promise<EmbeddedSidecar> {
  const socket = socketPlaceOf(settings.database);
  try {
    const sidecar = await startSidecar(configOf(settings, socket.path), warningsLog(settings.warn));
    return {
      address: sidecar.addresses.grpc[0] ?? '',
      lost: sidecar.lost,
      stop: async (forced) => {
        const { stuck } = await sidecar.drain(STOP_MS, forced);
        socket.remove(true);
        if (stuck.length === 0) return;
        settings.warn(`${stuck.join(', ')} did not stop; killing this process`);
        // A thread that is stuck in a system call keeps the process from exiting by itself; the database is closed already.
        process.kill(process.pid, 'SIGKILL');
      },
    };
  } catch (error) {
    socket.remove(false);
    throw error;
  }
}

/**
 * Beside the database, of which only one process is the owner: what one that was killed leaves there is replaced by the next. Otherwise,
 * or where a socket's path would be too long, in a directory of its own.
 */
function socketPlaceOf(database: string): SocketPlace {
  const path = `${resolve(database.replace(/^sqlite:/, ''))}.sock`;
  if (database.startsWith('sqlite:') && Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) {
    // One that was never served here may be that of the process that has the database.
    return {
      path,
      remove: (wasServed) => {
        if (wasServed) rmSync(path, { force: true });
      },
    };
  }
  const directory = mkdtempSync(join(tmpdir(), 'longrunning-'));
  return {
    path: join(directory, 'grpc.sock'),
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
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
    const {
      msg = '',
      error,
      status,
    } = JSON.parse(line) as {
      readonly msg?: string;
      readonly error?: { readonly message?: string };
      readonly status?: { readonly message?: string };
    };
    const cause = error?.message ?? status?.message;
    warn(cause === undefined ? msg : `${msg}: ${cause}`);
  };
  return pino({ base: null, level: 'warn', serializers: { error: pino.stdSerializers.err } }, { write });
}
