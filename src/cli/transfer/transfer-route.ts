import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isLocal, parseAddress } from '../../core/address.ts';
import type { OverwriteWhen, TransferJobMessage } from '../../client/messages.ts';
import { UsageError } from '../usage-error.ts';

/** Two directories, as absolute paths. */
export interface Route {
  readonly source: string;
  readonly sink: string;
}

/**
 * The directories of a command line: relative ones start at the working directory, which only a server on this machine has too.
 *
 * @param address  of the server; undefined = embedded.
 * @throws UsageError for a relative path on another machine.
 */
export function routeOf(
  given: Route,
  { directory, address }: { readonly directory: string; readonly address?: string | undefined },
): Route {
  const isHere = address === undefined || isOnThisMachine(address);
  const absolute = (path: string): string => {
    if (path === '') throw new UsageError('a directory is given as an empty text');
    if (isAbsolute(path) || isHere) return resolve(directory, path);
    throw new UsageError(
      `${path} is relative, and ${address} is another machine: give the path as that machine has it`,
    );
  };
  return { source: absolute(given.source), sink: absolute(given.sink) };
}

/** Whether a server is on this machine: it may see the same directories as this process, and may not, in a container. */
export function isOnThisMachine(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && isLocal(parsed);
}

/**
 * The directories that an embedded sidecar has to be allowed to touch.
 *
 * @throws UsageError for a source that is no directory, or a sink that is something else.
 */
export function rootsOf({ source, sink }: Route): readonly string[] {
  if (!existsSync(source)) throw new UsageError(`${source} does not exist`);
  if (!isDirectory(source)) throw new UsageError(`${source} is not a directory; name the one that it is in`);
  if (existsSync(sink) && !isDirectory(sink)) throw new UsageError(`${sink} exists and is not a directory`);
  return [source, existingParent(sink)];
}

/** The job of these directories: the same for every run, so that no two of them run at once. */
export function jobNameOf(route: Route): string {
  return `transferJobs/pair-${digestOf(route)}`;
}

/** A digest of both paths, 20 hexadecimal digits. */
export function digestOf({ source, sink }: Route): string {
  return createHash('sha256').update(`${source}\0${sink}`).digest('hex').slice(0, 20);
}

/** The message of the job. */
export function transferJobOf(
  { source, sink }: Route,
  settings: { readonly name: string; readonly projectId: string; readonly overwriteWhen: OverwriteWhen },
): TransferJobMessage {
  const { name, projectId, overwriteWhen } = settings;
  return {
    name,
    projectId,
    status: 'ENABLED',
    transferSpec: {
      posixDataSource: { rootDirectory: source },
      posixDataSink: { rootDirectory: sink },
      transferOptions: { overwriteWhen },
    },
  };
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // Below what may not be searched, or is a file: none that this process can see.
    return false;
  }
}

function existingParent(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingParent(dirname(path));
}
