import { createHash, createHmac } from 'node:crypto';
import { ScriptedServer, type FakeAnswer, type FakeRequest } from '../scripted-server.ts';
import { listDocument } from './list-document.ts';

export interface FakeBlob {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly blockIds: readonly string[];
  /** As they were sent: `x-ms-meta-…` and `x-ms-blob-…`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly modifyTime: string;
}

export const FAKE_ACCOUNT = { account: 'acct', key: Buffer.from('a key of the fake').toString('base64') };

interface Refusal {
  readonly status: number;
  readonly code: string;
}

/**
 * Azure Blob Storage in this process, of one container: block blobs, conditions, MD5s, blocks that nobody sees, pages of a listing in
 * the order of UTF-16 units, as Azurite has it. Requests carry a Shared Key signature, or `sig=good`.
 */
export class FakeAzure {
  server!: ScriptedServer;
  readonly container = 'c';
  readonly blobs = new Map<string, FakeBlob>();
  /** Uncommitted blocks, by blob, then by id. */
  readonly blocks = new Map<string, Map<string, Buffer>>();
  pageCountMax = 3;
  #count = 0;

  static async start(): Promise<FakeAzure> {
    const fake = new FakeAzure();
    fake.server = await ScriptedServer.start((request) => fake.#answer(request));
    return fake;
  }

  get endpoint(): string {
    return `${this.server.origin}/${FAKE_ACCOUNT.account}`;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #answer(request: FakeRequest): FakeAnswer {
    if (!isSigned(request)) return refuse({ status: 403, code: 'AuthenticationFailed' });
    const [, , container = '', ...rest] = request.path.split('/').map(decodeURIComponent);
    if (container !== this.container) return refuse({ status: 404, code: 'ContainerNotFound' });
    const name = rest.join('/');
    const comp = request.query.get('comp');
    if (name === '') return this.#list(request.query);
    if (request.method === 'PUT') return this.#write(name, comp, request);
    const blob = this.blobs.get(name);
    if (comp === 'blocklist') return this.#blockList(name, request.query.get('blocklisttype') ?? 'committed');
    const unmet = this.#unmet(blob, request.headers);
    if (blob === undefined) return refuse(unmet ?? { status: 404, code: 'BlobNotFound' });
    if (unmet !== undefined) return refuse(unmet);
    if (request.method === 'DELETE') {
      this.blobs.delete(name);
      return { status: 202 };
    }
    return serve(blob, request);
  }

  #write(name: string, comp: string | null, { headers, body, query }: FakeRequest): FakeAnswer {
    const md5 = createHash('md5').update(body).digest('base64');
    if ((headers['content-md5'] ?? md5) !== md5) return refuse({ status: 400, code: 'Md5Mismatch' });
    if (comp === 'block') {
      const blocks = this.blocks.get(name) ?? new Map<string, Buffer>();
      this.blocks.set(name, blocks.set(query.get('blockid') ?? '', body));
      return { status: 201 };
    }
    const unmet = this.#unmet(this.blobs.get(name), headers);
    if (unmet !== undefined) return refuse(unmet);
    if (comp !== 'blocklist') return this.#put(name, { bytes: body, blockIds: [], headers });
    const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id = '']) => id);
    const chunks = ids.map((id) => this.blocks.get(name)?.get(id));
    if (chunks.includes(undefined)) return refuse({ status: 400, code: 'InvalidBlockList' });
    const bytes = Buffer.concat(chunks.filter((chunk) => chunk !== undefined));
    this.blocks.delete(name);
    return this.#put(name, { bytes, blockIds: ids, headers });
  }

  #put(name: string, { bytes, blockIds, headers }: Pick<FakeBlob, 'bytes' | 'blockIds' | 'headers'>): FakeAnswer {
    const kept = Object.entries(headers).filter(([header]) => /^x-ms-(meta|blob)-|^x-ms-access-tier$/.test(header));
    const etag = `0x${(this.#count += 1).toString(16).toUpperCase().padStart(8, '0')}`;
    const modifyTime = new Date().toUTCString();
    this.blobs.set(name, { bytes, blockIds, etag, modifyTime, headers: Object.fromEntries(kept) });
    return { status: 201, headers: { etag: `"${etag}"`, 'last-modified': modifyTime } };
  }

  #unmet(blob: FakeBlob | undefined, headers: Readonly<Record<string, string>>): Refusal | undefined {
    if (headers['if-none-match'] === '*' && blob !== undefined) return { status: 409, code: 'BlobAlreadyExists' };
    const match = headers['if-match'];
    if (match !== undefined && match !== `"${blob?.etag ?? ''}"`) return { status: 412, code: 'ConditionNotMet' };
    return undefined;
  }

  #blockList(name: string, kind: string): FakeAnswer {
    const blob = this.blobs.get(name);
    const waiting = this.blocks.get(name);
    if (blob === undefined && waiting === undefined) return refuse({ status: 404, code: 'BlobNotFound' });
    const ids = kind === 'committed' ? (blob?.blockIds ?? []) : [...(waiting?.keys() ?? [])];
    const blocks = ids.map((id) => `<Block><Name>${id}</Name><Size>1</Size></Block>`);
    return { status: 200, body: `<BlockList><Blocks>${blocks.join('')}</Blocks></BlockList>` };
  }

  #list(query: URLSearchParams): FakeAnswer {
    const names = [...this.blobs.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '')).sort();
    const from = names.findIndex((name) => name >= (query.get('marker') ?? ''));
    const count = Math.min(this.pageCountMax, Number(query.get('maxresults')));
    const page = from === -1 ? [] : names.slice(from, from + count);
    const next = from === -1 ? undefined : names[from + count];
    const blobs = page.flatMap((name) => {
      const blob = this.blobs.get(name);
      return blob === undefined ? [] : [[name, blob] as const];
    });
    return { status: 200, body: listDocument(blobs, next) };
  }
}

function serve({ bytes, etag, headers, modifyTime, blockIds }: FakeBlob, request: FakeRequest): FakeAnswer {
  const told = Object.entries(headers).map(([name, value]) => [name.replace(/^x-ms-blob-(?=c)/, ''), value]);
  const md5 = blockIds.length === 0 ? { 'content-md5': createHash('md5').update(bytes).digest('base64') } : {};
  const common = {
    ...(Object.fromEntries(told) as Record<string, string>),
    etag: `"${etag}"`,
    'last-modified': modifyTime,
  };
  if (request.method === 'HEAD') {
    return { status: 200, headers: { ...common, ...md5, 'content-length': String(bytes.length) } };
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers['range'] ?? '') ?? [];
  if (first === undefined) return { status: 200, headers: { ...common, ...md5 }, body: bytes };
  if (Number(first) >= bytes.length) return refuse({ status: 416, code: 'InvalidRange' });
  const end = last === undefined || last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length);
  const contentRange = `bytes ${first}-${end - 1}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...common, 'content-range': contentRange },
    body: bytes.subarray(Number(first), end),
  };
}

/** "Authorize with Shared Key", for the requests that there are: no Date, no If-Modified-Since. */
function isSigned({ method, path, query, headers, body }: FakeRequest): boolean {
  if (query.get('sig') === 'good') return true;
  const header = (name: string): string => headers[name] ?? '';
  const own = Object.keys(headers).filter((name) => name.startsWith('x-ms-'));
  const lines = [
    method,
    header('content-encoding'),
    header('content-language'),
    body.length > 0 ? body.length : '',
    header('content-md5'),
    header('content-type'),
    '',
    '',
    header('if-match'),
    header('if-none-match'),
    '',
    header('range'),
    ...own.sort().map((name) => `${name}:${header(name)}`),
    `/${FAKE_ACCOUNT.account}${path}`,
    ...[...query.keys()].sort().map((name) => `${name}:${query.get(name) ?? ''}`),
  ];
  const signature = createHmac('sha256', Buffer.from(FAKE_ACCOUNT.key, 'base64')).update(lines.join('\n'));
  return header('authorization') === `SharedKey ${FAKE_ACCOUNT.account}:${signature.digest('base64')}`;
}

function refuse({ status, code }: Refusal): FakeAnswer {
  return { status, headers: { 'x-ms-error-code': code }, body: `<Error><Code>${code}</Code></Error>` };
}
