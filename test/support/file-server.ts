import { createHash } from 'node:crypto';
import { ScriptedServer, type FakeAnswer, type FakeRequest } from './scripted-server.ts';

/** How a file server deviates from what lists of URLs need. */
export interface FileServerFaults {
  /** Content-Length is left out. */
  hasNoLength?: boolean;
  /** Range is ignored. */
  hasNoRange?: boolean;
  hasNoEtag?: boolean;
}

/** Files over HTTP: HEAD, Range, If-Match, strong ETags, robots.txt where one is given. */
export class FileServer {
  server!: ScriptedServer;
  readonly faults: FileServerFaults = {};
  /** Of all files, as Last-Modified. */
  modifyTime = 'Thu, 01 Jan 2026 00:00:00 GMT';
  /** By path, such as `/a/b`. */
  readonly files = new Map<string, string>();
  readonly redirects = new Map<string, string>();

  static async start(files: Readonly<Record<string, string>> = {}): Promise<FileServer> {
    const served = new FileServer();
    for (const [path, text] of Object.entries(files)) served.files.set(path, text);
    served.server = await ScriptedServer.start((request) => served.#answer(request));
    return served;
  }

  url(path: string): string {
    return this.server.origin + path;
  }

  asked(path: string): readonly FakeRequest[] {
    return this.server.requests.filter((request) => request.path === path);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  #answer({ path, method, headers }: FakeRequest): FakeAnswer {
    const location = this.redirects.get(path);
    if (location !== undefined) return { status: 302, headers: { location } };
    const text = this.files.get(path);
    if (text === undefined) return { status: 404, body: 'not here' };
    const etag = `"${createHash('sha1').update(text).digest('hex')}"`;
    const common = {
      'content-type': 'text/x-tale',
      'last-modified': this.modifyTime,
      ...(this.faults.hasNoEtag === true ? {} : { etag }),
      ...(this.faults.hasNoLength === true ? { 'transfer-encoding': 'chunked' } : {}),
    };
    if ((headers['if-match'] ?? etag) !== etag) return { status: 412, headers: common };
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? [];
    if (first === undefined || this.faults.hasNoRange === true) return this.#whole(text, method, common);
    const bytes = Buffer.from(text);
    if (Number(first) >= bytes.length) {
      return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` } };
    }
    const end = last === '' || last === undefined ? bytes.length : Math.min(Number(last) + 1, bytes.length);
    const contentRange = `bytes ${first}-${end - 1}/${bytes.length}`;
    return {
      status: 206,
      headers: { ...common, 'content-range': contentRange },
      body: bytes.subarray(Number(first), end),
    };
  }

  #whole(text: string, method: string, common: Readonly<Record<string, string>>): FakeAnswer {
    const length = { 'content-length': String(Buffer.byteLength(text)) };
    const isTold = method === 'HEAD' && this.faults.hasNoLength !== true;
    return { status: 200, headers: { ...common, ...(isTold ? length : {}) }, body: text };
  }
}
