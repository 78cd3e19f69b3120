import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { WebClient } from '../web/web-client.ts';
import { headerOf } from '../web/web-request.ts';

/** Where AWS answers for the buckets of all regions but those of its other partitions (China, government). */
export const AWS_ENDPOINT = 'https://s3.amazonaws.com';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/;

/**
 * Where a bucket of AWS is: requests must name its region, and the proto has no field for it.
 *
 * HeadBucket tells it to anybody in `x-amz-bucket-region`, whether the answer is a redirect, a refusal or a success.
 * @throws StatusError NOT_FOUND where there is no such bucket; UNAVAILABLE where nothing is told.
 */
export async function findAwsPlace(
  bucket: string,
  web: WebClient,
  signal: AbortSignal,
  origin = AWS_ENDPOINT,
): Promise<{ readonly endpoint: string; readonly region: string }> {
  const resource = `s3://${bucket}`;
  const request = {
    method: 'HEAD',
    origin,
    target: `/${encodeURIComponent(bucket)}`,
    headers: {},
    resource,
    signal,
  } as const;
  const response = await web.send(request);
  const region = headerOf(response, 'x-amz-bucket-region') ?? '';
  // It becomes a part of a host's name.
  if (REGION.test(region)) return { endpoint: `https://s3.${region}.amazonaws.com`, region };
  if (response.status === 404) {
    throw new StatusError(Code.NOT_FOUND, `${resource}: AWS has no such bucket`, {
      reason: 'BUCKET_NOT_FOUND',
      metadata: { bucket },
    });
  }
  throw new StatusError(Code.UNAVAILABLE, `${resource}: AWS does not tell its region (status ${response.status})`, {
    reason: 'ANSWER_UNEXPECTED',
    metadata: { bucket },
  });
}
