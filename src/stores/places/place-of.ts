import { join } from 'node:path';
import type { BucketBinding, BucketBindings, GcsBinding, S3Binding } from '../../core/bucket-binding.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { BucketLocation, PosixLocation, TransferLocation, UrlListLocation } from '../../transfers/spec.ts';

/** A bucket of a service: the binding of its name, and the path that was asked for within it. */
export interface BucketPlace {
  readonly kind: 'bucket';
  readonly location: BucketLocation;
  readonly binding: GcsBinding | S3Binding;
}

/** Where a location is, once what stands behind its name is known. */
export type Place = PosixLocation | UrlListLocation | BucketPlace;

/**
 * What stands behind a location.
 *
 * @throws StatusError PERMISSION_DENIED for a bucket that nothing is bound to.
 */
export function placeOf(location: TransferLocation, bindings: BucketBindings): Place {
  if (location.kind !== 'bucket') return location;
  const binding = bindingOf(location.bucket, bindings);
  if (binding === undefined) throw notBound(location);
  if (binding.kind !== 'directory') return { kind: 'bucket', location, binding };
  return { kind: 'posix', rootDirectory: join(binding.path, withoutSteps(location)) };
}

/** Whether the two are the same place, or one lies within the other. */
export function isOverlapping(a: BucketPlace, b: BucketPlace): boolean {
  const [one, other] = [a, b].map(urlOf);
  return one !== undefined && other !== undefined && (one.startsWith(other) || other.startsWith(one));
}

/** The bucket's own name and the prefix of the names of its objects. */
export function within({ location, binding }: BucketPlace): { readonly bucket: string; readonly prefix: string } {
  return { bucket: binding.bucket ?? location.bucket, prefix: binding.prefix + location.path };
}

function urlOf(place: BucketPlace): string {
  const { bucket, prefix } = within(place);
  return `${place.binding.kind} ${place.binding.endpoint ?? ''} ${bucket}/${prefix}`;
}

function bindingOf(bucket: string, bindings: BucketBindings): BucketBinding | undefined {
  if (Object.hasOwn(bindings, bucket)) return bindings[bucket];
  return bindings['*'];
}

/** A path in a bucket is any text; in a directory it must not lead out of it. */
function withoutSteps({ bucket, path }: BucketLocation): string {
  const names = path.split('/').slice(0, -1);
  if (!names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) return path;
  const message = `${path}: no directory can have this path, and ${bucket} is bound to one`;
  throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'PATH_NOT_A_DIRECTORY', metadata: { bucket, path } });
}

function notBound({ bucket }: BucketLocation): StatusError {
  const message = `nothing is bound to the bucket ${bucket}: name it in the section "buckets" of this server's config file`;
  return new StatusError(Code.PERMISSION_DENIED, message, { reason: 'BUCKET_NOT_BOUND', metadata: { bucket } });
}
