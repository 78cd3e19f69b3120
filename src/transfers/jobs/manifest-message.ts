import { invalidArgument } from '../../core/status-error.ts';
import type { ManifestLocation } from '../selection/manifest.ts';
import type { TransferLocation } from '../spec.ts';
import { isBucketName } from './location-message.ts';

/** Of a name in a bucket, and of a path below a root that is asked for by name. */
const NAME_BYTES_MAX = 1024;

const LOCATION = /^(gs|source|destination):\/\/(.*)$/s;

const FORMS = 'gs://BUCKET/OBJECT, or source://PATH or destination://PATH below the root of a file system';

export interface ManifestEnds {
  readonly source: TransferLocation;
  readonly sink: TransferLocation;
}

/**
 * Where a TransferManifest lies; undefined when it names no place.
 *
 * @param path  of the message within the request, in the proto's spelling.
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function manifestLocationOf(location: string, ends: ManifestEnds, path: string): ManifestLocation | undefined {
  if (location === '') return undefined;
  const field = `${path}.location`;
  if (ends.source.kind === 'url-list') {
    throw invalidArgument(path, 'is not for lists of URLs, which name their objects themselves');
  }
  const [, scheme, rest = ''] = LOCATION.exec(location) ?? [];
  if (Buffer.byteLength(rest) > NAME_BYTES_MAX) throw invalidArgument(field, `is longer than ${NAME_BYTES_MAX} bytes`);
  if (scheme === 'gs') return inBucket(rest, field);
  const side = scheme === 'source' ? 'source' : 'sink';
  if (scheme === undefined || !isFilePath(rest)) throw invalidArgument(field, `must be ${FORMS}`);
  if (ends[side].kind !== 'posix')
    throw invalidArgument(field, `${scheme}:// is for file systems; use gs://BUCKET/OBJECT`);
  return { kind: side, name: rest };
}

function inBucket(rest: string, field: string): ManifestLocation {
  const [bucket = ''] = rest.split('/', 1);
  const name = rest.slice(bucket.length + 1);
  if (!isBucketName(bucket) || name === '' || name.endsWith('/')) throw invalidArgument(field, `must be ${FORMS}`);
  return { kind: 'bucket', bucket: { kind: 'bucket', scheme: 'gs', bucket, path: '' }, name };
}

/** Relative, and without a step aside. */
function isFilePath(path: string): boolean {
  return !path.includes('\0') && !path.split('/').some((name) => name === '' || name === '.' || name === '..');
}
