import type { BucketBindings } from '../../core/bucket-binding.ts';
import { invalidArgument } from '../../core/status-error.ts';
import { byteStringOf } from '../../transfers/byte-string.ts';
import type { ManifestLocation } from '../../transfers/selection/manifest.ts';
import { isFileKey } from '../posix/file-path.ts';
import { placeOf, type Place } from './place-of.ts';

/**
 * What stands behind the bucket of a manifest. In a bucket its name is any text; in a directory it must be a file's below that.
 *
 * @throws StatusError as placeOf; INVALID_ARGUMENT (reason NAME_NOT_A_PATH) naming the field, for a name that no file there can have.
 */
export function manifestPlaceOf(
  { bucket, name }: Extract<ManifestLocation, { readonly kind: 'bucket' }>,
  bindings: BucketBindings,
): Place {
  const place = placeOf(bucket, bindings);
  if (place.kind === 'posix' && !isFileKey(byteStringOf(name))) {
    const description = `the bucket is a directory here, and ${name} is no path of a file below it`;
    throw invalidArgument('transfer_spec.transfer_manifest.location', description, { reason: 'NAME_NOT_A_PATH' });
  }
  return place;
}
