import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { document, element, listDocument, uploadsDocument } from './documents.ts';
import { crc32cText, FakeS3Error, md5Of, type FakeBucket, type FakeObject, type FakeUpload } from './fake-bucket.ts';
import type { FakeS3Lies } from './faults.ts';

export interface FakeRequest {
  readonly method: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly lies: FakeS3Lies;
  /** To be answered, and not to be done. */
  readonly isDropped: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const BUCKET_NAME = 'bucket';
const XML = { 'content-type': 'application/xml' };

const done = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: Buffer.alloc(0),
});
const told = (text: string): Answer => ({ status: 200, headers: XML, body: Buffer.from(text, 'latin1') });

/** Parameters as byte strings: URLSearchParams has read them as UTF-8. */
function parameter(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null ? undefined : Buffer.from(value).toString('latin1');
}

export function bucketAnswer(bucket: FakeBucket, { method, query, lies }: FakeRequest): Answer {
  if (method === 'HEAD') return done(200);
  if (method !== 'GET') throw new FakeS3Error(501, 'NotImplemented');
  if (query.has('uploads')) return told(listUploads(bucket, query));
  if (!['2', null].includes(query.get('list-type')) || query.has('delimiter'))
    throw new FakeS3Error(501, 'NotImplemented');
  return told(listObjects(bucket, query, lies));
}

export function objectAnswer(bucket: FakeBucket, request: FakeRequest): Answer {
  checkBody(request);
  const { method, query } = request;
  const hasUpload = query.has('uploadId');
  if (method === 'POST' && query.has('uploads')) return beginUpload(bucket, request);
  if (method === 'PUT' && hasUpload) return putPart(bucket, request);
  if (method === 'POST' && hasUpload) return completeUpload(bucket, request);
  if (method === 'DELETE' && hasUpload) return abortUpload(bucket, request);
  if (method === 'GET' && hasUpload) return listParts(bucket, request);
  if (method === 'PUT')
    return request.headers['x-amz-copy-source'] === undefined ? put(bucket, request) : copy(bucket, request);
  if (method === 'GET' || method === 'HEAD') return get(bucket, request);
  if (method === 'DELETE') return remove(bucket, request);
  throw new FakeS3Error(405, 'MethodNotAllowed');
}

/** "The Content-MD5 / checksum / x-amz-content-sha256 that you specified did not match what we received." */
function checkBody({ headers, body }: FakeRequest): void {
  const sha256 = headers['x-amz-content-sha256'];
  if (
    sha256 !== undefined &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    createHash('sha256').update(body).digest('hex') !== sha256
  ) {
    throw new FakeS3Error(400, 'XAmzContentSHA256Mismatch');
  }
  const md5 = headers['content-md5'];
  if (md5 !== undefined && Buffer.from(md5, 'base64').toString('hex') !== md5Of(body))
    throw new FakeS3Error(400, 'BadDigest');
  const sum = headers['x-amz-checksum-crc32'];
  if (sum !== undefined && Buffer.from(sum, 'base64').readUInt32BE() !== crc32(body))
    throw new FakeS3Error(400, 'BadDigest');
  const isWhole = headers['x-amz-checksum-type'] !== undefined;
  const sum32c = headers['x-amz-checksum-crc32c'];
  if (!isWhole && sum32c !== undefined && sum32c !== crc32cText(body)) throw new FakeS3Error(400, 'BadDigest');
}

function checkPreconditions(bucket: FakeBucket, key: string, headers: Readonly<Record<string, string>>): void {
  const etag = bucket.objects.get(key)?.etag;
  const { 'if-none-match': none, 'if-match': match } = headers;
  if (none === '*' && etag !== undefined) throw new FakeS3Error(412, 'PreconditionFailed');
  if (match === undefined) return;
  if (etag === undefined) throw new FakeS3Error(404, 'NoSuchKey');
  if (match !== `"${etag}"`) throw new FakeS3Error(412, 'PreconditionFailed');
}

const KEPT = /^(content-type|cache-control|content-disposition|content-encoding|content-language|x-amz-storage-class)$/;

/** Metadata as AWS keeps it: "decoded as per RFC 2047 before storing". */
function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => KEPT.test(name) || name.startsWith('x-amz-meta-'));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      const word = /^=\?UTF-8\?B\?(.*)\?=$/.exec(value)?.[1];
      return [name, word === undefined ? value : Buffer.from(word, 'base64').toString('utf8')];
    }),
  );
}

/** "… and encoded as per RFC 2047 to make them mail-safe before returning", which AWS does by quoting. */
function shownHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (/^[ -~]*$/.test(value)) return [name, value];
      const quoted = [...Buffer.from(value)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);
      return [name, `=?UTF-8?Q?${quoted.join('')}?=`];
    }),
  );
}

function put(bucket: FakeBucket, { key, headers, body, isDropped, lies }: FakeRequest): Answer {
  const parents = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index));
  if (lies.keepsPaths === true && parents.some((parent) => bucket.objects.has(parent))) {
    throw new FakeS3Error(409, 'ObjectParentIsFile');
  }
  if (key.length > 1024) throw new FakeS3Error(400, 'KeyTooLongError');
  checkPreconditions(bucket, key, headers);
  const etag = md5Of(body);
  const text = headers['x-amz-checksum-crc32c'];
  const sum = text === undefined ? {} : { crc32c: { text, type: 'FULL_OBJECT' as const } };
  if (!isDropped)
    bucket.objects.set(key, {
      key,
      bytes: body,
      etag,
      modifyTimeMs: Date.now(),
      headers: keptHeaders(headers),
      ...sum,
    });
  return done(200, { etag: `"${etag}"`, ...(text === undefined ? {} : { 'x-amz-checksum-crc32c': text }) });
}

function get(bucket: FakeBucket, { method, key, headers, lies }: FakeRequest): Answer {
  const object = bucket.objects.get(key);
  if (object === undefined) throw new FakeS3Error(404, 'NoSuchKey');
  checkPreconditions(bucket, key, { ...headers, 'if-none-match': '' });
  const { bytes, crc32c } = object;
  const shown = {
    ...shownHeaders(object.headers),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifyTimeMs).toUTCString(),
  };
  const isAsked = headers['x-amz-checksum-mode'] === 'ENABLED' && crc32c !== undefined;
  const checksum = isAsked ? { 'x-amz-checksum-crc32c': crc32c.text, 'x-amz-checksum-type': crc32c.type } : {};
  if (method === 'HEAD') return done(200, { ...shown, ...checksum, 'content-length': String(bytes.length) });
  const range = lies.ignoresRange === true ? null : /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '');
  if (range === null) return { status: 200, headers: { ...shown, ...checksum }, body: bytes };
  const first = Number(range[1]);
  if (first >= bytes.length) throw new FakeS3Error(416, 'InvalidRange');
  const part = bytes.subarray(first, range[2] === '' ? undefined : Number(range[2]) + 1);
  const contentRange = `bytes ${first}-${first + part.length - 1}/${bytes.length}`;
  return { status: 206, headers: { ...shown, 'content-range': contentRange }, body: part };
}

function remove(bucket: FakeBucket, { key, headers, isDropped, lies }: FakeRequest): Answer {
  if (lies.hidesMissing === true && !bucket.objects.has(key)) return done(204);
  checkPreconditions(bucket, key, headers);
  if (!isDropped) bucket.objects.delete(key);
  return done(204);
}

function copySource(bucket: FakeBucket, headers: Readonly<Record<string, string>>): FakeObject {
  const [, name, key = ''] = /^\/?([^/]+)\/(.*)$/.exec(headers['x-amz-copy-source'] ?? '') ?? [];
  const decoded = Buffer.from(decodeURIComponent(key)).toString('latin1');
  const source = name === BUCKET_NAME ? bucket.objects.get(decoded) : undefined;
  if (source === undefined) throw new FakeS3Error(404, 'NoSuchKey');
  const match = headers['x-amz-copy-source-if-match'];
  if (match !== undefined && match !== `"${source.etag}"`) throw new FakeS3Error(412, 'PreconditionFailed');
  return source;
}

function copy(bucket: FakeBucket, { key, headers, isDropped }: FakeRequest): Answer {
  const source = copySource(bucket, headers);
  const isReplaced = headers['x-amz-metadata-directive'] === 'REPLACE';
  const object = {
    ...source,
    key,
    etag: md5Of(source.bytes),
    modifyTimeMs: Date.now(),
    headers: isReplaced ? keptHeaders(headers) : source.headers,
  };
  if (!isDropped) bucket.objects.set(key, object);
  return told(document('CopyObjectResult', element('ETag', `"${object.etag}"`)));
}

function beginUpload(bucket: FakeBucket, { key, headers }: FakeRequest): Answer {
  const hasChecksum = headers['x-amz-checksum-algorithm'] === 'CRC32C';
  const upload = bucket.begin(
    key,
    keptHeaders(headers),
    hasChecksum ? (headers['x-amz-checksum-type'] ?? 'COMPOSITE') : undefined,
  );
  return told(document('InitiateMultipartUploadResult', element('Key', key), element('UploadId', upload.id)));
}

function uploadOf(bucket: FakeBucket, { key, query }: FakeRequest): FakeUpload {
  return bucket.upload(query.get('uploadId') ?? '', key);
}

function putPart(bucket: FakeBucket, request: FakeRequest): Answer {
  const { query, headers, body, isDropped } = request;
  const upload = uploadOf(bucket, request);
  const number = Number(query.get('partNumber'));
  if (!(number >= 1 && number <= 10_000)) throw new FakeS3Error(400, 'InvalidArgument');
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const bytes = isCopy ? rangeOf(copySource(bucket, headers), headers['x-amz-copy-source-range']) : body;
  const hasChecksum = headers['x-amz-checksum-crc32c'] !== undefined;
  const etag = md5Of(bytes);
  if (!isDropped) upload.parts.set(number, { bytes, etag, hasChecksum });
  return isCopy ? told(document('CopyPartResult', element('ETag', `"${etag}"`))) : done(200, { etag: `"${etag}"` });
}

function rangeOf({ bytes }: FakeObject, range: string | undefined): Buffer {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === undefined) return bytes;
  if (Number(last) >= bytes.length) throw new FakeS3Error(400, 'InvalidArgument');
  return bytes.subarray(Number(first), Number(last) + 1);
}

function completeUpload(bucket: FakeBucket, request: FakeRequest): Answer {
  const { key, headers, body, isDropped } = request;
  const upload = uploadOf(bucket, request);
  const parts = [...body.toString('latin1').matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => {
    const number = Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1]);
    const etag = /<ETag>(?:&quot;|")?([^<&"]*)(?:&quot;|")?<\/ETag>/.exec(part)?.[1] ?? '';
    const sum = /<ChecksumCRC32C>(.*?)<\/ChecksumCRC32C>/.exec(part)?.[1];
    const stored = upload.parts.get(number);
    if (sum !== undefined && stored !== undefined && sum !== crc32cText(stored.bytes))
      throw new FakeS3Error(400, 'InvalidPart');
    return [number, etag] as const;
  });
  const object = bucket.joined(upload, parts);
  const sum = headers['x-amz-checksum-crc32c'];
  if (sum !== undefined && headers['x-amz-checksum-type'] === 'FULL_OBJECT' && sum !== crc32cText(object.bytes)) {
    throw new FakeS3Error(400, 'BadDigest');
  }
  checkPreconditions(bucket, key, headers);
  if (!isDropped) {
    bucket.objects.set(key, object);
    bucket.uploads.delete(upload.id);
  }
  return told(document('CompleteMultipartUploadResult', element('Key', key), element('ETag', `"${object.etag}"`)));
}

function abortUpload(bucket: FakeBucket, request: FakeRequest): Answer {
  const upload = uploadOf(bucket, request);
  if (!request.isDropped) bucket.uploads.delete(upload.id);
  return done(204);
}

function listParts(bucket: FakeBucket, request: FakeRequest): Answer {
  const upload = uploadOf(bucket, request);
  const parts = [...upload.parts].map(([number, { etag, bytes }]) => {
    return `<Part>${element('PartNumber', number)}${element('ETag', `"${etag}"`)}${element('Size', bytes.length)}</Part>`;
  });
  return told(document('ListPartsResult', element('UploadId', upload.id), element('IsTruncated', false), ...parts));
}

function listObjects(bucket: FakeBucket, query: URLSearchParams, lies: FakeS3Lies): string {
  const prefix = parameter(query, 'prefix') ?? '';
  // The older ListObjects knows a marker only, and tells no token.
  const isOlder = !query.has('list-type');
  const startAfter = parameter(query, isOlder ? 'marker' : 'start-after');
  const token = isOlder ? undefined : parameter(query, 'continuation-token');
  const pageCountMax = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const rank = RANKS[lies.order ?? 'bytes'];
  const all = [...bucket.objects.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => (rank(a.key) < rank(b.key) ? -1 : 1));
  const isBehind = (key: string): boolean => {
    if (token !== undefined) return rank(key) > rank(Buffer.from(token, 'base64').toString('latin1'));
    if (startAfter === undefined) return true;
    return rank(key) > rank(startAfter) || (lies.echoesStartAfter === true && key === startAfter);
  };
  const rest = all.filter(({ key }) => isBehind(key));
  const objects = rest.slice(0, pageCountMax);
  const isTruncated = rest.length > objects.length;
  const last = objects.at(-1)?.key ?? '';
  return listDocument({
    bucket: BUCKET_NAME,
    objects,
    isTruncated,
    pageCountMax,
    nextToken: isTruncated && !isOlder ? Buffer.from(last, 'latin1').toString('base64') : undefined,
    prefix,
    startAfter,
    encode: query.get('encoding-type') === 'url' && lies.isUnencoded !== true ? (key) => encoded(key, lies) : undefined,
  });
}

const RANKS: Readonly<Record<NonNullable<FakeS3Lies['order']>, (key: string) => string>> = {
  bytes: (key) => key,
  path: (key) => key.replaceAll('/', '\0'),
  utf16: (key) => Buffer.from(key, 'latin1').toString('utf8'),
};

function encoded(key: string, { escapesSpaces }: FakeS3Lies): string {
  const plain = escapesSpaces === true ? /[^A-Za-z0-9\-._~/+]/g : /[^A-Za-z0-9\-._*/ ]/g;
  const text = key.replace(plain, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return text.replaceAll(' ', '+');
}

function listUploads(bucket: FakeBucket, query: URLSearchParams): string {
  const prefix = parameter(query, 'prefix') ?? '';
  const [keyMarker, idMarker] = [parameter(query, 'key-marker'), parameter(query, 'upload-id-marker') ?? ''];
  const all = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .filter(({ key, id }) => keyMarker === undefined || key > keyMarker || (key === keyMarker && id > idMarker))
    .sort((a, b) => (a.key === b.key ? (a.id < b.id ? -1 : 1) : a.key < b.key ? -1 : 1));
  const uploads = all.slice(0, Number(query.get('max-uploads') ?? 2));
  return uploadsDocument(BUCKET_NAME, uploads, all.length > uploads.length ? uploads.at(-1) : undefined);
}
