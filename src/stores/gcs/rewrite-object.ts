import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type { WriteOptions } from '../../transfers/object-store.ts';
import { generationQuery } from './generation-query.ts';
import type { GcsPlace } from './gcs-place.ts';
import { RECORD_FIELDS, recordOf, resourceOf, type GcsResource } from './gcs-resource.ts';
import type { GcsService } from './gcs-service.ts';
import { jsonBody } from './json-body.ts';

export interface Rewrite {
  readonly service: GcsService;
  readonly from: { readonly place: GcsPlace; readonly object: ObjectRecord };
  readonly to: { readonly place: GcsPlace; readonly key: ByteString };
  readonly write: WriteOptions;
  /** GcsLimits.rewriteCallCountMax. */
  readonly callCountMax: number;
}

interface RewriteAnswer {
  readonly done?: boolean;
  readonly rewriteToken?: string;
  readonly resource?: GcsResource;
}

/** Copies within the service: each call copies some of it and answers a token to go on with, until the object is there. */
export async function rewriteObject({ service, from, to, write, callCountMax }: Rewrite): Promise<ObjectRecord> {
  const { metadata, precondition, signal } = write;
  const source = from.place.nameOf(from.object.key);
  const sink = { bucket: to.place.bucket, name: to.place.nameOf(to.key) };
  // A body without members takes over the source's metadata.
  const resource = metadata === undefined ? {} : { contentType: 'application/octet-stream', ...resourceOf(metadata) };
  const body = Buffer.from(JSON.stringify(resource));
  let rewriteToken: string | undefined;
  for (let callCount = 0; callCount < callCountMax; callCount += 1) {
    const query = {
      ifSourceGenerationMatch: from.object.etag,
      destinationKmsKeyName: metadata?.kmsKey,
      ...generationQuery(precondition),
      fields: `done,rewriteToken,resource(${RECORD_FIELDS})`,
      rewriteToken,
    };
    const response = await service.send({
      method: 'POST',
      target: from.place.rewriteTarget(source, sink, query),
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      body,
      resource: to.place.resourceOf(to.key),
      signal,
    });
    const answer = jsonBody(response) as RewriteAnswer;
    if (answer.done === true && answer.resource !== undefined) return recordOf(answer.resource, to.key);
    rewriteToken = answer.rewriteToken;
    if (rewriteToken === undefined) break;
  }
  const message = `${to.place.resourceOf(to.key)}: the service does not come to the end of its copy`;
  throw new StatusError(Code.UNAVAILABLE, message, { reason: 'ANSWER_UNEXPECTED' });
}
