import { pino, destination } from 'pino';
import { readConfig, type Config } from './config.ts';
import { ConfigError } from './config/sources.ts';
import { unlessAborted } from './core/bounded-wait.ts';
import { StatusError } from './core/status-error.ts';
import { startSidecar, type Sidecar } from './sidecar.ts';
import { watchStopSignals, type StopSignals } from './stop-signals.ts';

/** A log whose lines are written when the call returns: a process that is killed has told all it did. */
function createLog(): pino.Logger {
  const stdout = destination({ fd: 1, sync: true });
  // Nobody reads any more; work goes on.
  stdout.on('error', () => undefined);
  return pino({ base: null, serializers: { error: pino.stdSerializers.err } }, stdout);
}

/**
 * `longrunning serve`: runs the sidecar until it is told to stop, then drains it.
 *
 * @returns the exit status: 0 drained, 1 it could not start or was forced, 2 a setting is wrong.
 */
export async function serve(args: readonly string[]): Promise<number> {
  let config: Config;
  try {
    config = readConfig(args, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error.message, 2);
  }
  const log = createLog();
  const { unknownVariables } = config;
  if (unknownVariables.length > 0)
    log.warn({ unknownVariables }, 'environment variables that are no settings are ignored');
  // Before anything can be seen of this process: a signal that comes while it starts drains it once it has.
  const stop = watchStopSignals();
  let sidecar: Sidecar | undefined;
  try {
    sidecar = await unlessAborted(startSidecar(config, log), patience(stop, config.settings.drainTimeoutMs), undefined);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    // What only a setting can mend has the status of a wrong setting.
    return refuse(namingFile(error), error.info.reason === 'INVALID_SETTING' ? 2 : 1);
  }
  if (sidecar === undefined) {
    log.error('told to stop, and the start does not end; killing this process');
    process.kill(process.pid, 'SIGKILL');
    return 1;
  }
  const { grpc, http } = sidecar.addresses;
  log.info({ grpc: grpc[0], grpcAll: grpc, http: http ?? null }, 'listening');
  const signal = await unlessAborted<NodeJS.Signals | undefined>(stop.asked, sidecar.lost, undefined);
  if (signal !== undefined) {
    log.info({ signal, drainTimeoutMs: config.settings.drainTimeoutMs }, 'draining');
    return drain(sidecar, config.settings.drainTimeoutMs, { forced: stop.forced, log });
  }
  // Whoever supervises this process starts another, and that one recovers.
  log.error({ error: sidecar.lost.reason as unknown }, 'what is broken only a new process mends; ending this one');
  return drain(sidecar, 0, { forced: AbortSignal.abort(), log });
}

/** Aborts when a start that was told to stop has to end: a file on a mount that hangs would hold it for ever. */
function patience(stop: StopSignals, timeoutMs: number): AbortSignal {
  const late = new AbortController();
  void stop.asked.then(() => {
    const end = (): void => {
      late.abort();
    };
    setTimeout(end, timeoutMs).unref();
  });
  return AbortSignal.any([stop.forced, late.signal]);
}

async function drain(
  sidecar: Sidecar,
  timeoutMs: number,
  { forced, log }: { readonly forced: AbortSignal; readonly log: pino.Logger },
): Promise<number> {
  const { stuck } = await sidecar.drain(timeoutMs, forced);
  if (stuck.length > 0) {
    // A thread that is stuck in a system call keeps the process from exiting by itself; the database is closed already.
    log.error({ stuck }, 'work did not stop in time; killing this process');
    process.kill(process.pid, 'SIGKILL');
  }
  log.info({ forced: forced.aborted }, 'stopped');
  return forced.aborted ? 1 : 0;
}

/** Clients are not told the database's path; the person who starts it is. */
function namingFile({ message, info }: StatusError): string {
  const path = info.metadata?.['path'];
  return path === undefined || message.includes(path) ? message : `${message} (${path})`;
}

function refuse(message: string, status: number): number {
  process.stderr.write(`longrunning: ${message}\n`);
  return status;
}
