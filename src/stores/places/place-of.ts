import { join } from 'node:path';
import type {
  BucketBinding,
  BucketBindings,
  RemoteBucketBinding,
  S3Binding,
  S3KeyBinding,
} from '../../core/bucket-binding.ts';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import type { RemoteLocation } from '../../transfers/remote-location.ts';
import type { SourceCredentials } from '../../transfers/source-credentials.ts';
import type { PosixLocation, TransferLocation, UrlListLocation } from '../../transfers/spec.ts';
import { originOf } from '../s3/s3-place.ts';
import { boundNameOf, bucketOf, widerNameOf } from './bound-names.ts';
import { bindingByCredentials } from './given-credentials.ts';

/** A bucket of a service: the binding of its name, and the path that was asked for within it. */
export interface BucketPlace {
  readonly kind: 'bucket';
  readonly location: RemoteLocation;
  readonly binding: RemoteBucketBinding;
  /** Whether the endpoint is the caller's word, so that the egress policy has the last one. */
  readonly isGuarded: boolean;
}

/** Where a location is, once what stands behind its name is known. */
export type Place = PosixLocation | UrlListLocation | BucketPlace;

/**
 * What stands behind a location.
 *
 * @param given  credentials that a request gave for it: they take the place of those in its binding, and open the services' own endpoints where
 *   there is none.
 * @throws StatusError PERMISSION_DENIED for a bucket that nothing is bound to, or not for plain HTTP; INVALID_ARGUMENT for a path that no directory
 *   has, and an endpoint that has no host for the bucket; FAILED_PRECONDITION for a binding that says no endpoint where the location has none either.
 */
export function placeOf(location: TransferLocation, bindings: BucketBindings, given?: SourceCredentials): Place {
  if (location.kind === 'posix' || location.kind === 'url-list') return location;
  const binding = bindingOf(location, bindings);
  if (given !== undefined) return placeByCredentials(location, given, binding);
  if (binding === undefined) throw notBound(location);
  if (binding.kind === 'directory') return { kind: 'posix', rootDirectory: join(binding.path, withoutSteps(location)) };
  if (binding.kind !== 's3-key') return { kind: 'bucket', location, binding, isGuarded: false };
  return { kind: 'bucket', location, binding: atNamedEndpoint(location, binding), isGuarded: true };
}

function placeByCredentials(
  location: RemoteLocation,
  given: SourceCredentials,
  bound: BucketBinding | undefined,
): BucketPlace {
  const binding = bindingByCredentials(location, given, bound);
  return { kind: 'bucket', location, binding, isGuarded: bound === undefined };
}

/** The bucket's own name and the prefix of the names of its objects. */
export function within({ location, binding }: BucketPlace): { readonly bucket: string; readonly prefix: string } {
  return { bucket: binding.bucket ?? bucketOf(location), prefix: binding.prefix + location.path };
}

function bindingOf(location: RemoteLocation, bindings: BucketBindings): BucketBinding | undefined {
  const name = [boundNameOf(location), widerNameOf(location)].find((each) => Object.hasOwn(bindings, each));
  return name === undefined ? undefined : bindings[name];
}

/** What the operator says of region and style counts; what the operator leaves open the caller says. */
function atNamedEndpoint(location: RemoteLocation, { kind: _, isInsecure = false, ...key }: S3KeyBinding): S3Binding {
  if (location.kind !== 's3-endpoint') throw withoutEndpoint(location);
  const { endpoint, region, isVirtualHosted } = location;
  if (!isInsecure && new URL(endpoint).protocol !== 'https:') throw notSecure(location);
  const binding: S3Binding = { region, isVirtualHosted, ...key, kind: 's3', endpoint };
  if (!URL.canParse(originOf({ ...binding, bucket: binding.bucket ?? location.bucket }))) throw withoutHost(endpoint);
  return binding;
}

function notSecure(location: RemoteLocation): StatusError {
  const bucket = boundNameOf(location);
  const message =
    `${bucket} is bound to a key that goes by https alone: ask for it by https, ` +
    'or let the binding in the section "buckets" of this server\'s config file say "insecure: true"';
  return new StatusError(Code.PERMISSION_DENIED, message, { reason: 'ENDPOINT_NOT_SECURE', metadata: { bucket } });
}

/** An address has no names below it. */
function withoutHost(endpoint: string): StatusError {
  const field = 'transfer_job.transfer_spec.aws_s3_compatible_data_source';
  const advice = 'say REQUEST_MODEL_PATH_STYLE in s3_metadata.request_model';
  return invalidArgument(
    `${field}.endpoint`,
    `${endpoint} has no host for the bucket by the virtual-hosted model; ${advice}`,
  );
}

/** A path in a bucket is any text; in a directory it must not lead out of it. */
function withoutSteps(location: RemoteLocation): string {
  const { path } = location;
  const bucket = boundNameOf(location);
  const names = path.split('/').slice(0, -1);
  if (!names.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0'))) return path;
  const message = `${path}: no directory can have this path, and ${bucket} is bound to one`;
  throw new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'PATH_NOT_A_DIRECTORY', metadata: { bucket, path } });
}

/** What a source may give in place of a binding, by its kind. */
const CREDENTIALS_FIELDS: Readonly<Record<string, string>> = {
  s3: 'aws_s3_data_source.aws_access_key, for AWS itself',
  'azure-container': 'azure_blob_storage_data_source.azure_credentials, for Azure itself',
};

function notBound(location: RemoteLocation): StatusError {
  const bucket = boundNameOf(location);
  const otherwise = CREDENTIALS_FIELDS[location.kind === 'bucket' ? location.scheme : location.kind];
  const message =
    `nothing is bound to ${bucket}: name it in the section "buckets" of this server's config file` +
    (otherwise === undefined ? '' : `, or give ${otherwise}`);
  return new StatusError(Code.PERMISSION_DENIED, message, { reason: 'BUCKET_NOT_BOUND', metadata: { bucket } });
}

function withoutEndpoint(location: RemoteLocation): StatusError {
  const bucket = boundNameOf(location);
  const message = `${bucket} is bound to a key of S3 without an endpoint: give it one in the section "buckets" of this server's config file`;
  return new StatusError(Code.FAILED_PRECONDITION, message, {
    reason: 'BINDING_WITHOUT_ENDPOINT',
    metadata: { bucket },
  });
}
