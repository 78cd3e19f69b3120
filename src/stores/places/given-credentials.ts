import type {
  AzureBinding,
  BucketBinding,
  DirectoryBinding,
  RemoteBucketBinding,
  S3Binding,
  S3KeyBinding,
} from '../../core/bucket-binding.ts';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { RemoteLocation } from '../../transfers/remote-location.ts';
import type { AwsAccessKey, AzureSas, SourceCredentials } from '../../transfers/source-credentials.ts';
import { AWS_ENDPOINT } from '../s3/find-aws-place.ts';
import { boundNameOf } from './bound-names.ts';

/**
 * The binding of a location that is reached with what a request gave: the operator's with other credentials, or where the service itself is.
 *
 * @throws StatusError INVALID_ARGUMENT where what is bound cannot take them.
 */
export function bindingByCredentials(
  location: RemoteLocation,
  given: SourceCredentials,
  bound: BucketBinding | undefined,
): RemoteBucketBinding {
  if (given.kind === 'aws-access-key') {
    if (bound === undefined) return { ...AWS, ...keyOf(given) };
    if (bound.kind === 's3') return withKey(bound, given);
    throw notApplicable(location, bound);
  }
  if (bound === undefined && location.kind === 'azure-container')
    return { ...atAzure(location.account), ...sasOf(given) };
  if (bound?.kind === 'azure') return { ...bound, ...sasOf(given) };
  throw notApplicable(location, bound);
}

/** Its region is found out when it is opened. */
const AWS = { kind: 's3', prefix: '', endpoint: AWS_ENDPOINT, region: '', isVirtualHosted: false } as const;

function withKey({ sessionToken: _, ...bound }: S3Binding, given: AwsAccessKey): S3Binding {
  return { ...bound, ...keyOf(given) };
}

function keyOf({ accessKeyId, secretAccessKey }: AwsAccessKey): Pick<S3Binding, 'accessKeyId' | 'secretAccessKey'> {
  return { accessKeyId: { given: accessKeyId }, secretAccessKey: { given: secretAccessKey } };
}

function atAzure(account: string): Pick<AzureBinding, 'kind' | 'prefix' | 'account' | 'endpoint'> {
  return { kind: 'azure', prefix: '', account, endpoint: `https://${account}.blob.core.windows.net` };
}

function sasOf({ token }: AzureSas): Pick<AzureBinding, 'credentials'> {
  return { credentials: { kind: 'sas', token: { given: token } } };
}

function notApplicable(
  location: RemoteLocation,
  bound: RemoteBucketBinding | DirectoryBinding | S3KeyBinding | undefined,
): StatusError {
  const bucket = boundNameOf(location);
  const kind = bound?.kind ?? 'nothing';
  const message = `${bucket} is bound to ${kind} by this server, which takes no credentials of this form: leave them out`;
  return new StatusError(Code.INVALID_ARGUMENT, message, {
    reason: 'CREDENTIALS_NOT_APPLICABLE',
    metadata: { bucket },
  });
}
