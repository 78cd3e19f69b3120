import { ScriptedServer, type FakeAnswer, type FakeRequest } from '../scripted-server.ts';
import { FakeBucket, FakeGcsError, hideAcl, isMatch, type FakeMetadata, type FakeObject } from './fake-bucket.ts';
import { FakeSessions } from './fake-sessions.ts';
import { readRelated } from './read-related.ts';

export interface FakeGcsOptions {
  /** Only requests with one of these bearer tokens are served; absent: all are. */
  readonly tokens?: ReadonlySet<string>;
  readonly now?: () => number;
}

interface Place {
  readonly bucket: FakeBucket;
  readonly name: string;
}

/**
 * Google Cloud Storage's JSON API in this process, as its documentation has it: byte order, generations, preconditions, holds,
 * checksums, resumable uploads, rewrites in steps.
 *
 * `server.fail(…)` scripts what goes wrong.
 */
export class FakeGcs {
  readonly sessions = new FakeSessions();
  /** Of one call of rewriteTo; the rest needs further ones. */
  rewriteStepBytes = 1024 * 1024;
  /** Of one page of a listing, whatever more is asked. */
  pageCountMax = 1000;
  server!: ScriptedServer;
  readonly #options: FakeGcsOptions;
  readonly #buckets = new Map<string, FakeBucket>();
  readonly #rewrites = new Map<string, number>();

  private constructor(options: FakeGcsOptions) {
    this.#options = options;
  }

  static async start(options: FakeGcsOptions = {}): Promise<FakeGcs> {
    const fake = new FakeGcs(options);
    fake.server = await ScriptedServer.start((request) => fake.#answer(request));
    return fake;
  }

  bucket(name: string): FakeBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new FakeGcsError(404, 'notFound', 'The specified bucket does not exist.');
    return bucket;
  }

  createBucket(name: string): FakeBucket {
    const bucket = new FakeBucket(name, this.#options.now ?? Date.now);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #answer(request: FakeRequest): FakeAnswer {
    try {
      this.#mustBeAllowed(request.headers['authorization']);
      const answer = this.#route(request);
      return { ...answer, headers: { 'content-type': 'application/json; charset=UTF-8', ...answer.headers } };
    } catch (error) {
      if (!(error instanceof FakeGcsError)) throw error;
      const { status, reason, message } = error;
      const body = JSON.stringify({
        error: { code: status, message, errors: [{ message, domain: 'global', reason }] },
      });
      return { status, headers: { 'content-type': 'application/json; charset=UTF-8' }, body };
    }
  }

  #mustBeAllowed(authorization: string | undefined): void {
    const { tokens } = this.#options;
    if (tokens === undefined || tokens.has(authorization?.replace(/^Bearer /, '') ?? '')) return;
    throw new FakeGcsError(401, 'authError', 'Invalid Credentials');
  }

  #route(request: FakeRequest): FakeAnswer {
    const path = request.path.replace(/^\/(download|upload)(?=\/storage)/, '');
    const isUpload = request.path.startsWith('/upload/');
    const [, storage, version, b, bucket, o, name, ...rest] = path.split('/').map(decodeURIComponent);
    if (storage !== 'storage' || version !== 'v1' || b !== 'b') throw new FakeGcsError(404, 'notFound', 'Not Found');
    if (bucket === undefined) return this.#insertBucket(request);
    if (o === undefined) return json(bucketResource(this.bucket(bucket)));
    if (isUpload) return this.#upload(this.bucket(bucket), request);
    if (name === undefined) return this.#list(this.bucket(bucket), request.query);
    const place = { bucket: this.bucket(bucket), name };
    if (rest[0] === 'rewriteTo') return this.#rewrite(place, this.#placeOf(rest), request);
    return serveObject(place, request);
  }

  #placeOf([, , bucket = '', , name = '']: readonly string[]): Place {
    return { bucket: this.bucket(bucket), name };
  }

  #insertBucket({ body }: FakeRequest): FakeAnswer {
    const { name } = JSON.parse(body.toString()) as { readonly name: string };
    return json({ kind: 'storage#bucket', name: this.createBucket(name).name });
  }

  #list(bucket: FakeBucket, query: URLSearchParams): FakeAnswer {
    const after = query.get('pageToken');
    const start = query.get('startOffset') ?? '';
    const names = bucket.names(query.get('prefix') ?? '', start, query.get('endOffset') ?? '');
    const from = after === null ? 0 : names.findIndex((name) => name === decodeToken(after)) + 1;
    const count = Math.min(Number(query.get('maxResults') ?? 1000), this.pageCountMax);
    const items = names.slice(from, from + count).map((name) => bucket.get(name).resource);
    const last = items.at(-1)?.name;
    const hasMore = last !== undefined && from + count < names.length;
    return json({
      kind: 'storage#objects',
      ...(items.length === 0 ? {} : { items }),
      ...(hasMore ? { nextPageToken: Buffer.from(last).toString('base64') } : {}),
    });
  }

  #upload(bucket: FakeBucket, request: FakeRequest): FakeAnswer {
    const { query, method, headers, body } = request;
    if (query.has('upload_id')) return method === 'DELETE' ? this.sessions.cancel(request) : this.sessions.put(request);
    if (query.get('uploadType') === 'resumable') return this.sessions.begin(bucket, request, this.server.origin);
    const related =
      query.get('uploadType') === 'multipart' ? readRelated(headers['content-type'] ?? '', body) : undefined;
    const metadata: FakeMetadata = related?.metadata ?? { contentType: headers['content-type'] ?? '' };
    const kms = query.get('kmsKeyName');
    const name = query.get('name') ?? metadata.name ?? '';
    const told = { ...metadata, ...(kms === null ? {} : { kmsKeyName: kms }) };
    return json(bucket.put(name, related?.media ?? body, told, query).resource);
  }

  /** A rewrite of more than one step answers a token that tells how far it is. */
  #rewrite(source: Place, sink: Place, { query, body }: FakeRequest): FakeAnswer {
    const { resource, bytes } = source.bucket.get(source.name);
    const expected = query.get('ifSourceGenerationMatch') ?? query.get('sourceGeneration');
    if (expected !== null && expected !== resource.generation) throw changed();
    sink.bucket.mustHold(sink.name, query);
    const token = query.get('rewriteToken') ?? `rewrite-${this.#rewrites.size + 1}-${resource.generation}`;
    const done = Math.min((this.#rewrites.get(token) ?? 0) + this.rewriteStepBytes, bytes.length);
    this.#rewrites.set(token, done);
    const progress = { kind: 'storage#rewriteResponse', totalBytesRewritten: String(done), objectSize: resource.size };
    if (done < bytes.length) return json({ ...progress, done: false, rewriteToken: token });
    const kms = query.get('destinationKmsKeyName');
    const told = metadataOf(JSON.parse(body.toString()) as FakeMetadata);
    const metadata = {
      ...(Object.keys(told).length > 0 ? told : withoutPlace(metadataOf(resource))),
      ...(kms === null ? {} : { kmsKeyName: kms }),
    };
    return json({ ...progress, done: true, resource: sink.bucket.put(sink.name, bytes, metadata, query).resource });
  }
}

function serveObject({ bucket, name }: Place, { method, query, headers, body }: FakeRequest): FakeAnswer {
  if (method === 'DELETE') {
    bucket.delete(name, query);
    return { status: 204 };
  }
  if (method === 'PATCH') return json(bucket.patch(name, JSON.parse(body.toString()) as FakeMetadata).resource);
  const object = bucket.get(name);
  const { generation } = object.resource;
  if ((query.get('generation') ?? generation) !== generation) throw new FakeGcsError(404, 'notFound', 'No such object');
  if (!isMatch(generation, query)) throw changed();
  return query.get('alt') === 'media' ? media(object, headers['range']) : json(object.resource, query);
}

/** A rewrite without metadata takes over the source's, but for what belongs to where the object is. */
function withoutPlace({ acl: _acl, storageClass: _class, ...metadata }: FakeMetadata): FakeMetadata {
  return { ...metadata, temporaryHold: false };
}

function bucketResource({ name, isUniform }: FakeBucket): object {
  return {
    kind: 'storage#bucket',
    name,
    iamConfiguration: { uniformBucketLevelAccess: { enabled: isUniform } },
  };
}

function media({ resource, bytes }: FakeObject, range: string | undefined): FakeAnswer {
  const headers = {
    'content-type': resource.contentType ?? '',
    'x-goog-generation': resource.generation,
    'x-goog-metageneration': resource.metageneration,
    'x-goog-hash': `crc32c=${resource.crc32c},md5=${resource.md5Hash}`,
    'x-goog-storage-class': resource.storageClass,
    'x-goog-stored-content-length': resource.size,
    'last-modified': new Date(resource.updated).toUTCString(),
    etag: resource.etag,
  };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined) return { status: 200, headers, body: bytes };
  if (Number(first) >= bytes.length)
    throw new FakeGcsError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
  const end = last === undefined || last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length);
  const contentRange = `bytes ${first}-${end - 1}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange },
    body: bytes.subarray(Number(first), end),
  };
}

/** Of a resource, what a rewrite takes over; members that it does not know the service passes over. */
function metadataOf(resource: FakeMetadata): FakeMetadata {
  const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata } = resource;
  const { customTime, temporaryHold, storageClass, acl } = resource;
  const fixed = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata };
  const taken = Object.entries({ ...fixed, customTime, temporaryHold, storageClass, acl });
  return Object.fromEntries(taken.filter(([, value]) => value !== undefined));
}

function changed(): FakeGcsError {
  return new FakeGcsError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
}

function decodeToken(token: string): string {
  return Buffer.from(token, 'base64').toString();
}

/** Access control lists are told to those who ask for them. */
function json(value: object, query?: URLSearchParams): FakeAnswer {
  const isFull = query?.get('projection') === 'full';
  return { status: 200, body: JSON.stringify(value, isFull ? undefined : hideAcl) };
}
