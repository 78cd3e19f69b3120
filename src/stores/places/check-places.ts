import type { BucketBindings } from '../../core/bucket-binding.ts';
import { Code } from '../../core/code.ts';
import { invalidArgument, StatusError } from '../../core/status-error.ts';
import type { PosixLocation, TransferSpec } from '../../transfers/spec.ts';
import { checkPosixDirectoryLater, checkPosixSpecLater, type LaterCheckOptions } from '../posix/check-spec.ts';
import { GOOGLE_ENDPOINT } from '../gcs/google-endpoint.ts';
import { originOf } from '../s3/s3-place.ts';
import { hostRefusal, type EgressPolicy } from '../web/egress.ts';
import { keptMetadataOf } from './kept-metadata.ts';
import { manifestPlaceOf } from './manifest-place.ts';
import { overlapOf } from './overlap.ts';
import { placeOf, within, type Place } from './place-of.ts';

export interface CheckPlacesOptions extends LaterCheckOptions {
  readonly bindings: BucketBindings;
  /** Whom callers may name. */
  readonly egress: EgressPolicy;
}

const SPEC = 'transfer_job.transfer_spec';

/**
 * Whether this process may serve a transfer between these places; no bucket is asked anything.
 *
 * @throws StatusError PERMISSION_DENIED for a bucket that nothing is bound to and a directory outside the roots; INVALID_ARGUMENT for
 *   ends that lie within each other, metadata that cannot be between them and a manifest's name that no file has; see checkPosixSpecLater.
 */
export async function checkPlaces(spec: TransferSpec, options: CheckPlacesOptions): Promise<void> {
  const source = placeOf(spec.source, options.bindings, spec.credentials);
  const sink = placeOf(spec.sink, options.bindings);
  keptMetadataOf(spec, source, sink);
  await checkManifest(spec, options);
  if (source.kind === 'posix' && sink.kind === 'posix') return checkPosixSpecLater({ source, sink }, options);
  checkHost(source, options.egress);
  if (source.kind === 'bucket' && sink.kind === 'bucket' && overlapOf(source, sink) === 'within') {
    throw invalidArgument(`${SPEC}.gcs_data_sink`, 'it is the source itself, or one lies within the other', {
      reason: 'SINK_WITHIN_SOURCE',
    });
  }
  await checkDirectoryOf(source, 'source', options);
  await checkDirectoryOf(sink, 'sink', options);
}

/** One that lies in the transfer's own places is checked with them. */
async function checkManifest({ manifest }: TransferSpec, options: CheckPlacesOptions): Promise<void> {
  if (manifest?.kind === 'bucket')
    await checkDirectoryOf(manifestPlaceOf(manifest, options.bindings), 'source', options);
}

async function checkDirectoryOf(place: Place, side: 'source' | 'sink', options: CheckPlacesOptions): Promise<void> {
  if (place.kind === 'posix') await checkPosixDirectoryLater(place satisfies PosixLocation, side, options);
}

function checkHost(place: Place, policy: EgressPolicy): void {
  const host = namedHostOf(place);
  if (host === undefined || hostRefusal(host, policy) === undefined) return;
  const message = `${host} is not among the hosts that callers may name: section egress of this server's config file`;
  throw new StatusError(Code.PERMISSION_DENIED, message, { reason: 'HOST_NOT_ALLOWED', metadata: { host } });
}

/** The host that the caller's word leads to first; undefined where it is the operator's. */
function namedHostOf(place: Place): string | undefined {
  if (place.kind === 'url-list') return new URL(place.listUrl).hostname;
  if (place.kind !== 'bucket' || !place.isGuarded) return undefined;
  const { binding } = place;
  const endpoint =
    binding.kind === 's3'
      ? originOf({ ...binding, bucket: within(place).bucket })
      : (binding.endpoint ?? GOOGLE_ENDPOINT);
  return new URL(endpoint).hostname;
}
