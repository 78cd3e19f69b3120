import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { document, element } from '../../test/support/fake-s3/documents.ts';
import { contentOf, MODIFY_TIME_SECONDS, treeFiles, type TreeFile, type TreeShape } from '../transfers/tree-files.ts';
import { listKeys, type KeyPage, type ListQuery } from './list-keys.ts';
import { answer, refuse, type S3Request } from './s3-request.ts';

interface MadeObject {
  readonly file: TreeFile;
  /** An MD5 where one request would have written it, as with S3. */
  readonly etag: string;
}

const PAGE_COUNT_MAX = 1000;
/** Above it, nobody writes with one request. */
const ONE_PUT_BYTES_MAX = 2 ** 24;
const TIME = new Date(MODIFY_TIME_SECONDS * 1000);
/** As our sidecar and rclone leave it when they write: each has something to set the file's time to. */
const TIMES = {
  'x-amz-meta-goog-reserved-file-mtime': String(MODIFY_TIME_SECONDS),
  'x-amz-meta-mtime': String(MODIFY_TIME_SECONDS),
};

/** A bucket to be read: its objects are the files of trees, made as they are asked for. */
export class MadeBucket {
  readonly #objects = new Map<string, MadeObject>();
  #sortedKeys: readonly string[] = [];

  /** Adds the files of a tree. @param prefix  before their paths. */
  add(prefix: string, shape: TreeShape): void {
    for (const file of treeFiles(shape)) this.#objects.set(prefix + file.path, { file, etag: etagOf(file) });
    this.#sortedKeys = [...this.#objects.keys()].sort();
  }

  async answer(request: S3Request): Promise<void> {
    const { method, key, message } = request;
    message.resume();
    if (method !== 'GET' && method !== 'HEAD') refuse(request, 405, 'MethodNotAllowed');
    else if (key !== '') await this.#answerObject(request);
    else if (method === 'HEAD') answer(request, 200);
    else answer(request, 200, { text: this.#list(request.query) });
  }

  #list(query: URLSearchParams): string {
    const token = query.get('continuation-token') ?? query.get('marker') ?? query.get('start-after') ?? '';
    const asked: ListQuery = {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      after: token,
      countMax: Math.min(PAGE_COUNT_MAX, Number(query.get('max-keys') ?? PAGE_COUNT_MAX)),
    };
    return this.#listDocument(asked, listKeys(this.#sortedKeys, asked));
  }

  #listDocument({ prefix, countMax }: ListQuery, { keys, commonPrefixes, next }: KeyPage): string {
    const goesOn = next === undefined ? [] : [element('NextContinuationToken', next), element('NextMarker', next)];
    return document(
      'ListBucketResult',
      element('Prefix', prefix),
      element('KeyCount', keys.length + commonPrefixes.length),
      element('MaxKeys', countMax),
      element('IsTruncated', next !== undefined),
      ...goesOn,
      ...keys.map((key) => this.#contents(key)),
      ...commonPrefixes.map((each) => `<CommonPrefixes>${element('Prefix', each)}</CommonPrefixes>`),
    );
  }

  #contents(key: string): string {
    const object = this.#objects.get(key);
    const time = element('LastModified', TIME.toISOString());
    const etag = element('ETag', `"${object?.etag ?? ''}"`);
    return `<Contents>${element('Key', key)}${time}${etag}${element('Size', object?.file.sizeBytes ?? 0)}</Contents>`;
  }

  async #answerObject(request: S3Request): Promise<void> {
    const object = this.#objects.get(request.key);
    if (object === undefined) {
      refuse(request, 404, 'NoSuchKey');
      return;
    }
    const { file, etag } = object;
    const { sizeBytes } = file;
    const headers = { etag: `"${etag}"`, 'last-modified': TIME.toUTCString(), 'accept-ranges': 'bytes', ...TIMES };
    const [range, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.message.headers.range ?? '') ?? [];
    const fromBytes = Number(first);
    const toBytes = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
    if (fromBytes >= sizeBytes) {
      refuse(request, 416, 'InvalidRange');
      return;
    }
    const place = { 'content-range': `bytes ${String(fromBytes)}-${String(toBytes - 1)}/${String(sizeBytes)}` };
    const ranged = range === undefined ? {} : place;
    request.response.writeHead(range === undefined ? 200 : 206, {
      ...headers,
      ...ranged,
      'content-length': toBytes - fromBytes,
    });
    await send(request, file, { fromBytes, toBytes });
  }
}

/** Whoever hangs up has had enough. */
async function send(
  { method, response }: S3Request,
  file: TreeFile,
  { fromBytes, toBytes }: { readonly fromBytes: number; readonly toBytes: number },
): Promise<void> {
  const closed = once(response, 'close');
  if (method === 'GET') {
    for (const chunk of contentOf(file, fromBytes, toBytes)) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed]);
    }
  }
  response.end();
}

function etagOf(file: TreeFile): string {
  if (file.sizeBytes > ONE_PUT_BYTES_MAX) return `${String(file.number).padStart(32, '0')}-32`;
  const hash = createHash('md5');
  for (const chunk of contentOf(file)) hash.update(chunk);
  return hash.digest('hex');
}
