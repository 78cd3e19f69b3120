import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FAKE_BUCKET, type FakeS3 } from '../../support/fake-s3/fake-s3.ts';
import { md5Of } from '../../support/fake-s3/fake-bucket.ts';
import { listLeftovers, readTree } from '../../support/tree.ts';
import { leftoversIn, snapshotOf } from '../support/tree.ts';

/** SHA-256 of each object by its path below the place; what is staged is not among them. */
export type Content = ReadonlyMap<string, string>;

/** Of what was there before. */
const OLD_TIME_MS = 1.4e12;

/** Where copies of one transfer go, looked at by nothing of the engine's. */
export interface SinkPlace {
  /** The half of a TransferSpec that names it. */
  readonly spec: object;
  /** Puts an older version there, by nobody's transfer. */
  plantOld(path: string, bytes: Buffer): void;
  content(): Content;
  /** Staging files and uploads that are still there. */
  leftovers(): readonly string[];
  /** Equal for two moments between which nothing was done to it. */
  state(): unknown;
  /** When it was last touched, milliseconds since the epoch; 0 when never. */
  lastTouchMs(): number;
  /** Gives back what it takes of the disk and of memory. */
  remove(): void;
}

/** A directory; that it is made is the transfer's business. */
export class DirectoryPlace implements SinkPlace {
  readonly spec: object;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.spec = { posixDataSink: { rootDirectory: root } };
  }

  plantOld(path: string, bytes: Buffer): void {
    const at = join(this.#root, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, bytes);
    utimesSync(at, OLD_TIME_MS / 1000, OLD_TIME_MS / 1000);
  }

  content(): Content {
    if (!existsSync(this.#root)) return new Map();
    const staged = new Set(listLeftovers(this.#root));
    const files = [...readTree(this.#root)].filter(([path]) => !staged.has(path));
    return new Map(files.map(([path, { digest }]) => [path, digest]));
  }

  leftovers(): readonly string[] {
    return leftoversIn(this.#root);
  }

  state(): unknown {
    return snapshotOf(this.#root);
  }

  /** To a tick of the kernel's clock. */
  lastTouchMs(): number {
    if (!existsSync(this.#root)) return 0;
    const paths = readdirSync(this.#root, { recursive: true, encoding: 'utf8' }).map((path) => join(this.#root, path));
    return [this.#root, ...paths].reduce((last, path) => Math.max(last, lstatSync(path).ctimeMs), 0);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** All keys of a fake's bucket that begin so. */
export class BucketPlace implements SinkPlace {
  readonly spec: object;
  readonly #s3: FakeS3;
  readonly #prefix: string;

  constructor(s3: FakeS3, bucketName: string, prefix: string) {
    this.#s3 = s3;
    this.#prefix = prefix;
    this.spec = { gcsDataSink: { bucketName, path: prefix } };
  }

  plantOld(path: string, bytes: Buffer): void {
    const key = this.#prefix + path;
    const whole = { key, bytes, etag: md5Of(bytes), modifyTimeMs: OLD_TIME_MS, headers: {} };
    this.#s3.bucket.objects.set(key, whole);
  }

  content(): Content {
    const mine = [...this.#s3.bucket.objects.values()].filter(({ key }) => this.#isMine(key) && !isStaged(key));
    return new Map(mine.map(({ key, bytes }) => [key.slice(this.#prefix.length), digestOf(bytes)]));
  }

  leftovers(): readonly string[] {
    const { objects, uploads } = this.#s3.bucket;
    const keys = [...[...objects.keys()].filter(isStaged), ...[...uploads.values()].map(({ key }) => key)];
    return keys.filter((key) => this.#isMine(key));
  }

  state(): unknown {
    return this.#s3.requests.length;
  }

  lastTouchMs(): number {
    return this.#s3.lastTouchMs();
  }

  remove(): void {
    for (const key of this.#s3.bucket.objects.keys()) if (this.#isMine(key)) this.#s3.bucket.objects.delete(key);
    this.#s3.requests.length = 0;
  }

  #isMine(key: string): boolean {
    return key.startsWith(this.#prefix);
  }
}

const isStaged = (key: string): boolean => key.includes('/.~stx-');

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The section of a config file that binds a name to the fake's bucket. */
export function bindingOf(s3: FakeS3, secret: (name: string) => object): object {
  return {
    kind: 's3',
    bucket: FAKE_BUCKET,
    endpoint: s3.endpoint,
    region: 'test-1',
    'access-key-id': secret('accessKeyId'),
    'secret-access-key': secret('secretAccessKey'),
    'session-token': secret('sessionToken'),
  };
}
