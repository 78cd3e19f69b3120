import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import { ObjectError } from './errno.ts';

// eslint-disable-next-line no-control-regex -- ASCII is what the rule is about
const ASCII = /^[\x00-\x7f]*$/;

/** What fs functions take for these bytes: text where that encodes to the same bytes, as it is twice as fast there. */
export function filePath(path: ByteString): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
}

// eslint-disable-next-line no-control-regex -- it would end the path where the system reads it
const NO_NAME = /^\.{0,2}$|[/\x00]/;

/**
 * The path of a name in an open directory: the kernel resolves it from that directory and from nothing else, as openat does.
 *
 * /proc/self is the calling thread's process: descriptors are the same in all of its threads.
 * @throws ObjectError INVALID_ARGUMENT for what is no name of one thing within the directory, such as `..`.
 */
export function pathIn(directory: number, name: ByteString): string | Buffer {
  if (NO_NAME.test(name)) throw new ObjectError({ code: Code.INVALID_ARGUMENT, detail: 'no file can have this name' });
  return filePath(`/proc/self/fd/${directory}/${name}`);
}

/** The path of an open directory itself, for another descriptor of it. */
export function pathOf(directory: number): string {
  return `/proc/self/fd/${directory}/.`;
}

/** `a/b/c` → `a/b/`; a key at the root → ``. */
export function directoryOf(key: ByteString): ByteString {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** These directories and those on the way to them, the root last, each once: `a/b/` → `a/b/`, `a/`, ``. */
export function withAncestors(directories: Iterable<ByteString>): readonly ByteString[] {
  const all = new Set(directories);
  // A Set yields what is added while it is walked.
  for (const key of all) if (key !== '') all.add(directoryOf(key.slice(0, -1)));
  all.delete('');
  return [...all, ''];
}

/** Whether a key of another store can be a file's path, and would not be hidden as staging. */
export function isFileKey(key: ByteString): boolean {
  const isPath = key.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'));
  return isPath && !nameOf(key).startsWith(STAGING_PREFIX);
}

/**
 * Refuses a key of another store that can be no file's path.
 *
 * @throws StatusError INVALID_ARGUMENT when it cannot, or would be hidden as staging.
 */
export function checkFileKey(key: ByteString): void {
  if (isFileKey(key)) return;
  const message = `${displayText(key)}: no file can have this name`;
  throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'NAME_NOT_A_PATH' });
}

/** `a/b/c` → `c`. */
export function nameOf(key: ByteString): ByteString {
  return key.slice(key.lastIndexOf('/') + 1);
}
