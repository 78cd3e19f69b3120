import { lstatSync, lutimesSync, readlinkSync, symlinkSync, type PathLike, type Stats } from 'node:fs';
import { Code } from '../../core/code.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { PlannedObject } from '../../transfers/copier.ts';
import type { CopyContext } from './copy-context.ts';
import { ObjectError } from './errno.ts';
import { attributesOf, setLinkAttributes } from './file-attributes.ts';
import { directoryOf, filePath, nameOf, pathIn } from './file-path.ts';
import { fileTime, removeName } from './regular-file.ts';
import { SourceChanged } from './source-changed.ts';

/** The target's bytes, whatever they are: nothing here ever follows them. */
export function readLink(directory: number, name: ByteString): ByteString {
  return readlinkSync(pathIn(directory, name), 'latin1');
}

/**
 * Stages a symbolic link as a link, with its time and owner; leaves nothing when it throws.
 *
 * @throws SourceChanged when it is another link now, or a file.
 */
export function stageLink(context: CopyContext, object: PlannedObject, staging: ByteString): void {
  const from = context.source.open(directoryOf(object.key));
  const stats = lstatSync(pathIn(from, nameOf(object.key)));
  const target = checkedTarget(from, object, stats);
  const directory = context.sink.make(directoryOf(object.key));
  const path = pathIn(directory, staging);
  symlinkSync(filePath(target), path);
  try {
    setLinkTime(path, stats.mtimeMs);
    setLinkAttributes(path, attributesOf(stats), context.metadata);
  } catch (error) {
    removeName(directory, staging);
    throw error;
  }
}

function checkedTarget(directory: number, object: PlannedObject, stats: Stats): ByteString {
  const { linkTarget: _target, ...rest } = object;
  const now = { ...rest, sizeBytes: stats.size, modifyTimeMs: stats.mtimeMs };
  if (stats.isFile()) throw new SourceChanged(now);
  if (!stats.isSymbolicLink()) {
    throw new ObjectError({ code: Code.FAILED_PRECONDITION, detail: 'read link: it is not a symbolic link any more' });
  }
  const target = readLink(directory, nameOf(object.key));
  const isSame = target === object.linkTarget && stats.mtimeMs === object.modifyTimeMs;
  if (!isSame) throw new SourceChanged({ ...now, linkTarget: target });
  return target;
}

export function setLinkTime(path: PathLike, modifyTimeMs: number): void {
  const time = fileTime(modifyTimeMs);
  lutimesSync(path, time, time);
}
