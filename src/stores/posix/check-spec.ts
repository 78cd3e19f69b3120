import { realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { settlesWithin } from '../../core/bounded-wait.ts';
import type { Clock } from '../../core/clock.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { PosixLocation } from '../../transfers/spec.ts';
import { isMissing } from './errno.ts';
import { checkDirectories, checkPosixPlace, checkResolved, type PosixEnds, type PosixRoot } from './roots.ts';

export interface LaterCheckOptions {
  readonly roots: readonly PosixRoot[];
  /** How long the file systems may take to answer, milliseconds: one that hangs holds up this call only. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * checkPosixSpec for a thread that must not wait for a file system.
 *
 * @throws StatusError as checkPosixSpec; UNAVAILABLE (reason PATH_CHECK_TIMEOUT) when a file system does not answer.
 */
export async function checkPosixSpecLater(
  spec: PosixEnds,
  { roots, timeoutMs, clock }: LaterCheckOptions,
): Promise<void> {
  checkDirectories(spec);
  const resolving = Promise.all([
    realPathOfExisting(spec.source.rootDirectory),
    realPathOfExisting(spec.sink.rootDirectory),
  ]);
  if (!(await settlesWithin(resolving, timeoutMs, clock))) throw tooSlow(spec);
  const [source, sink] = await resolving;
  checkResolved(spec, roots, { source, sink });
}

/**
 * checkPosixPlace for a thread that must not wait for a file system.
 *
 * @throws StatusError as checkPosixSpecLater.
 */
export async function checkPosixDirectoryLater(
  location: PosixLocation,
  side: 'source' | 'sink',
  { roots, timeoutMs, clock }: LaterCheckOptions,
): Promise<void> {
  // What is wrong with the text is told before any file system is asked.
  checkDirectories({ source: location, sink: location });
  const resolving = realPathOfExisting(location.rootDirectory);
  if (!(await settlesWithin(resolving, timeoutMs, clock))) throw tooSlow({ source: location, sink: location });
  const path = await resolving;
  checkPosixPlace(location, side, roots, () => path);
}

/** The path with the links of its existing part resolved. */
async function realPathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const parent = dirname(path);
  return join(parent === path ? parent : await realPathOfExisting(parent), relative(parent, path));
}

function tooSlow({ source, sink }: PosixEnds): StatusError {
  const metadata = { source: source.rootDirectory, sink: sink.rootDirectory };
  return new StatusError(
    Code.UNAVAILABLE,
    `the file systems of ${metadata.source} and ${metadata.sink} do not answer`,
    {
      reason: 'PATH_CHECK_TIMEOUT',
      metadata,
    },
  );
}
