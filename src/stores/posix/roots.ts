import { closeSync, constants, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import type { PosixLocation } from '../../transfers/spec.ts';
import { openDirectoryIn } from './directory-tree.ts';
import { errnoOf, failureOf, isMissing } from './errno.ts';
import { pathIn } from './file-path.ts';

/** Linux' PATH_MAX less its NUL, and NAME_MAX (limits.h): no directory beyond them can be resolved. */
const PATH_BYTES_MAX = 4095;
const NAME_BYTES_MAX = 255;

/** A directory below which transfers may read and write, with all symbolic links resolved. */
export type PosixRoot = string;

/** A checked place: `path` is real as far as it exists, and lies within `root`. */
export interface PosixPlace {
  readonly root: PosixRoot;
  readonly path: string;
}

/**
 * Resolves the values of --posix-root, once, at start.
 *
 * @throws StatusError INVALID_ARGUMENT for one that is no directory; UNIMPLEMENTED where the system lacks /proc/self/fd, without
 *   which no path can be resolved safely.
 */
export function resolvePosixRoots(paths: readonly string[]): readonly PosixRoot[] {
  if (paths.length > 0) checkPlatform();
  return paths.map((path) => {
    const real = realPathOf(path);
    if (real === undefined || !statSync(real).isDirectory()) {
      throw invalidArgument('--posix-root', `${path} is not a directory`);
    }
    return real;
  });
}

/** @throws StatusError UNIMPLEMENTED on systems other than Linux. */
export function checkPlatform(platform: string = process.platform): void {
  if (platform === 'linux') return;
  throw new StatusError(Code.UNIMPLEMENTED, `--posix-root needs Linux: ${platform} lacks /proc/self/fd`, {
    reason: 'PLATFORM_NOT_SUPPORTED',
    metadata: { platform },
  });
}

/** Where the trees of a transfer between two are. */
export interface PosixEnds {
  readonly source: PosixLocation;
  readonly sink: PosixLocation;
}

const FIELDS = {
  source: 'transfer_job.transfer_spec.posix_data_source.root_directory',
  sink: 'transfer_job.transfer_spec.posix_data_sink.root_directory',
} as const;

/**
 * The rules for the directories of a transfer, as they stand now; to be checked when it is created and again when it runs.
 *
 * @throws StatusError as checkDirectories and checkResolved. What is missing is none of its business.
 */
export function checkPosixSpec(spec: PosixEnds, roots: readonly PosixRoot[]): ReturnType<typeof checkResolved> {
  checkDirectories(spec);
  const { source, sink } = spec;
  const paths = { source: realPathOfExisting(source.rootDirectory), sink: realPathOfExisting(sink.rootDirectory) };
  return checkResolved(spec, roots, paths);
}

/** Rules that need no file system. @throws StatusError INVALID_ARGUMENT for a path that is relative, holds `..` or is too long. */
export function checkDirectories({ source, sink }: PosixEnds): void {
  checkDirectory(FIELDS.source, source);
  checkDirectory(FIELDS.sink, sink);
}

/**
 * Rules on the real paths of both directories.
 *
 * @throws StatusError PERMISSION_DENIED for one outside the roots; INVALID_ARGUMENT for a sink within its source or the reverse.
 */
export function checkResolved(
  spec: PosixEnds,
  roots: readonly PosixRoot[],
  paths: { readonly source: string; readonly sink: string },
): { readonly source: PosixPlace; readonly sink: PosixPlace } {
  const source = placeOf(paths.source, roots, spec.source.rootDirectory);
  const sink = placeOf(paths.sink, roots, spec.sink.rootDirectory);
  if (!isWithin(source.path, sink.path) && !isWithin(sink.path, source.path)) return { source, sink };
  const description = `${spec.sink.rootDirectory} and the source ${spec.source.rootDirectory} lie within each other`;
  throw invalidArgument(FIELDS.sink, description, {
    reason: 'SINK_WITHIN_SOURCE',
    metadata: { sink: spec.sink.rootDirectory, source: spec.source.rootDirectory },
  });
}

/**
 * The rules for one directory whose other end is none, as they stand now.
 *
 * @param realPath  of what exists of it; default: looked up here.
 * @throws StatusError as checkDirectories and checkResolved.
 */
export function checkPosixPlace(
  location: PosixLocation,
  side: 'source' | 'sink',
  roots: readonly PosixRoot[],
  realPath = (): string => realPathOfExisting(location.rootDirectory),
): PosixPlace {
  checkDirectory(FIELDS[side], location);
  return placeOf(realPath(), roots, location.rootDirectory);
}

function checkDirectory(field: string, { rootDirectory }: PosixLocation): void {
  const metadata = { path: rootDirectory.slice(0, NAME_BYTES_MAX) };
  const refuse = (description: string): StatusError => invalidArgument(field, description, { metadata });
  if (Buffer.byteLength(rootDirectory) > PATH_BYTES_MAX) throw refuse(`is longer than ${PATH_BYTES_MAX} bytes`);
  if (!isAbsolute(rootDirectory)) throw refuse(`${rootDirectory} is not an absolute path`);
  const names = rootDirectory.split('/');
  if (names.includes('..')) throw refuse(`${rootDirectory} holds ..`);
  if (rootDirectory.includes('\0')) throw refuse('a path holds no NUL');
  if (names.some((name) => Buffer.byteLength(name) > NAME_BYTES_MAX)) {
    throw refuse(`holds a name longer than ${NAME_BYTES_MAX} bytes`);
  }
}

/** @throws StatusError PERMISSION_DENIED when it is outside the roots. */
export function placeWithin(directory: string, roots: readonly PosixRoot[]): PosixPlace {
  return placeOf(realPathOfExisting(directory), roots, directory);
}

/** @param directory  as it was given, for the error. */
function placeOf(path: string, roots: readonly PosixRoot[], directory: string): PosixPlace {
  // The innermost: where roots nest, it is the shortest way down.
  const root = roots.filter((each) => isWithin(path, each)).sort((a, b) => b.length - a.length)[0];
  if (root !== undefined) return { root, path };
  throw new StatusError(Code.PERMISSION_DENIED, `${directory} is outside every --posix-root of this server`, {
    reason: 'PATH_OUTSIDE_ROOTS',
    metadata: { path: directory, flag: '--posix-root' },
  });
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : directory + sep);
}

/** The path with the links of its existing part resolved. */
function realPathOfExisting(path: string): string {
  const real = realPathOf(path);
  if (real !== undefined) return real;
  const parent = dirname(path);
  return join(parent === path ? parent : realPathOfExisting(parent), relative(parent, path));
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const DIRECTORY_MODE = 0o777;

/**
 * Opens a checked directory from its root, component by component, so that nothing swapped in since can lead elsewhere.
 *
 * @param role  `sink`: missing directories are made. `source`: they are NOT_FOUND.
 * @param makeMode  of the directory itself where it is made, less the umask; those on the way to it are nobody's copy.
 * @returns a descriptor that is the caller's.
 */
export function openPlace({ root, path }: PosixPlace, role: 'source' | 'sink', makeMode = DIRECTORY_MODE): number {
  let descriptor = openSync(root, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const names = relative(root, path).split(sep).filter(Boolean);
  for (const [index, name] of names.entries()) {
    const parent = descriptor;
    try {
      const mode = index === names.length - 1 ? makeMode : DIRECTORY_MODE;
      descriptor = openComponent(parent, byteStringOf(name), role === 'sink' ? mode : undefined);
    } catch (error) {
      throw placeError(error, path, role);
    } finally {
      closeSync(parent);
    }
  }
  return descriptor;
}

/** @param makeMode  undefined: it is not made. */
function openComponent(parent: number, name: ByteString, makeMode: number | undefined): number {
  try {
    return openDirectoryIn(parent, name);
  } catch (error) {
    if (makeMode === undefined || errnoOf(error) !== 'ENOENT') throw error;
  }
  try {
    mkdirSync(pathIn(parent, name), makeMode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return openDirectoryIn(parent, name);
}

function placeError(error: unknown, path: string, role: 'source' | 'sink'): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const metadata = { path };
  if (errno === 'ENOTDIR' || errno === 'ELOOP') {
    const message = `${path} is no directory: a file or a symbolic link is in its place or on its way`;
    return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'NOT_A_DIRECTORY', metadata, cause: error });
  }
  const { code, detail } = failureOf(error, `open ${role} ${path}`);
  return new StatusError(code, detail, { reason: 'ROOT_UNAVAILABLE', metadata, cause: error });
}
