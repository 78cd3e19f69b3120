import { crc32c } from '@node-rs/crc32';
import { createHash } from 'node:crypto';

/** An object resource of the JSON API, as far as the fake keeps it. */
export interface FakeResource {
  readonly name: string;
  readonly bucket: string;
  readonly generation: string;
  readonly metageneration: string;
  readonly size: string;
  readonly crc32c: string;
  readonly md5Hash: string;
  readonly etag: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly storageClass: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly customTime?: string;
  readonly temporaryHold?: boolean;
  readonly kmsKeyName?: string;
  /** Only `projection=full` tells it. */
  readonly acl?: readonly { readonly entity: string; readonly role: string }[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface FakeObject {
  readonly resource: FakeResource;
  readonly bytes: Buffer;
}

/** What a writer may say of an object. */
export type FakeMetadata = Partial<Omit<FakeResource, 'bucket' | 'generation' | 'metageneration' | 'size'>>;

/** An error of the JSON API: `{"error": {"code", "message", "errors": [{"reason"}]}}`. */
export class FakeGcsError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Base64 of the four bytes, the highest first. */
export function crc32cText(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32c(bytes));
  return sum.toString('base64');
}

/** One bucket, without versions: a generation for each object, and preconditions on it. */
export class FakeBucket {
  readonly name: string;
  /** Uniform bucket-level access: objects have no lists of their own. */
  isUniform = false;
  /** What objects get that are written without. */
  storageClass = 'STANDARD';
  readonly #objects = new Map<string, FakeObject>();
  readonly #now: () => number;
  #generation = 1_700_000_000_000_000;

  constructor(name: string, now: () => number) {
    this.name = name;
    this.#now = now;
  }

  get(name: string): FakeObject {
    const object = this.#objects.get(name);
    if (object === undefined) throw new FakeGcsError(404, 'notFound', `No such object: ${this.name}/${name}`);
    return object;
  }

  /** Names from `startOffset` on, before `endOffset`, in the order of their UTF-8 bytes. */
  names(prefix: string, startOffset: string, endOffset: string): readonly string[] {
    const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    return [...this.#objects.keys()]
      .filter((name) => name.startsWith(prefix) && order(name, startOffset) >= 0)
      .filter((name) => endOffset === '' || order(name, endOffset) < 0)
      .sort(order);
  }

  /** Replaces the object where the precondition holds, its checksums are those announced and nothing holds it. */
  put(name: string, bytes: Buffer, metadata: FakeMetadata, precondition: URLSearchParams): FakeObject {
    this.mustHold(name, precondition);
    if (this.isUniform && metadata.acl !== undefined) {
      const rule = 'Cannot insert legacy ACL for an object when uniform bucket-level access is enabled.';
      throw new FakeGcsError(400, 'invalid', rule);
    }
    const sums = { crc32c: crc32cText(bytes), md5Hash: createHash('md5').update(bytes).digest('base64') };
    for (const kind of ['crc32c', 'md5Hash'] as const) {
      const told = metadata[kind];
      if (told === undefined || told === sums[kind]) continue;
      const detail = `Provided ${kind} "${told}" doesn't match calculated ${kind} "${sums[kind]}".`;
      throw new FakeGcsError(400, 'invalid', detail);
    }
    const generation = String((this.#generation += 1));
    const time = new Date(this.#now()).toISOString();
    const resource: FakeResource = {
      storageClass: this.storageClass,
      ...(this.isUniform ? {} : { acl: DEFAULT_ACL }),
      contentType: 'application/octet-stream',
      ...metadata,
      ...(metadata.kmsKeyName === undefined ? {} : { kmsKeyName: `${metadata.kmsKeyName}/cryptoKeyVersions/1` }),
      ...sums,
      name,
      bucket: this.name,
      generation,
      metageneration: '1',
      size: String(bytes.length),
      etag: Buffer.from(`${generation}/1`).toString('base64'),
      timeCreated: time,
      updated: time,
    };
    const object = { resource, bytes };
    this.#objects.set(name, object);
    return object;
  }

  patch(name: string, metadata: FakeMetadata): FakeObject {
    const { resource, bytes } = this.get(name);
    const metageneration = String(Number(resource.metageneration) + 1);
    const updated = new Date(this.#now()).toISOString();
    const object = { resource: { ...resource, ...metadata, metageneration, updated }, bytes };
    this.#objects.set(name, object);
    return object;
  }

  delete(name: string, precondition: URLSearchParams): void {
    this.get(name);
    this.mustHold(name, precondition);
    this.#objects.delete(name);
  }

  /** Whether somebody may write the object, by its hold and by what was asked of its generation; 0 is that of no object. */
  mustHold(name: string, precondition: URLSearchParams): void {
    const resource = this.#objects.get(name)?.resource;
    if (!isMatch(resource?.generation ?? '0', precondition)) {
      throw new FakeGcsError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
    }
    if (resource?.temporaryHold !== true) return;
    throw new FakeGcsError(403, 'forbidden', `Object '${this.name}/${name}' is under active Temporary hold`);
  }
}

const DEFAULT_ACL = [{ entity: 'project-owners-1', role: 'OWNER' }];

/** For JSON.stringify. */
export function hideAcl(key: string, value: unknown): unknown {
  return key === 'acl' ? undefined : value;
}

/** By ifGenerationMatch; a read also by `generation`. */
export function isMatch(generation: string, precondition: URLSearchParams): boolean {
  return generation === (precondition.get('ifGenerationMatch') ?? generation);
}
