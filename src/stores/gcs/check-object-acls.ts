import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { GcsPlace } from './gcs-place.ts';
import type { GcsService } from './gcs-service.ts';
import { jsonBody } from './json-body.ts';

interface BucketAnswer {
  readonly iamConfiguration?: { readonly uniformBucketLevelAccess?: { readonly enabled?: boolean } };
}

/**
 * Whether objects of the bucket have access control lists. Who may not see the bucket itself is not told here: each object's copy fails then.
 *
 * @throws StatusError FAILED_PRECONDITION when it has uniform bucket-level access.
 */
export async function checkObjectAcls(service: GcsService, place: GcsPlace, signal: AbortSignal): Promise<void> {
  const target = place.bucketTarget({ fields: 'iamConfiguration(uniformBucketLevelAccess(enabled))' });
  const response = await service.send({ method: 'GET', target, resource: place.resource, signal }, [200, 403, 404]);
  if (response.status !== 200) return;
  const { iamConfiguration } = jsonBody(response) as BucketAnswer;
  if (iamConfiguration?.uniformBucketLevelAccess?.enabled !== true) return;
  // MetadataOptions.Acl: "Uniform bucket-level access must not be enabled on either the source or destination buckets."
  const message = `${place.resource}: metadata_options.acl asks for access control lists, and the bucket has uniform bucket-level access; leave the option out, or disable that`;
  throw new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'BUCKET_WITHOUT_ACLS', isFinal: true });
}
