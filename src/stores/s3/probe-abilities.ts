import { crc32c } from '@node-rs/crc32';
import { randomBytes } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { byteStringOf, type ByteString } from '../../transfers/byte-string.ts';
import type { CompleteUploadOptions } from '../../transfers/object-uploads.ts';
import { STAGING_PREFIX } from '../../transfers/staging-name.ts';
import type { AnnounceStaged } from '../../transfers/transfer-environment.ts';
import { headerOf } from '../web/web-request.ts';
import type { S3Limits } from './limits.ts';
import { READING_ABILITIES, type S3Abilities } from './s3-abilities.ts';
import type { S3Bucket, S3Request } from './s3-bucket.ts';
import { S3Lister } from './s3-lister.ts';
import { CRC32C_HEADER, crc32cText, unquoted } from './s3-record.ts';
import { S3Uploads } from './s3-uploads.ts';

/** In the order of their bytes, and in no other order that servers use: by path segment, by UTF-16 unit. None is in another's way. */
const ORDERED_NAMES = ['a-b', 'a/b', 'a0', '\uFFFD', '\u{1F600}'].map(byteStringOf);
/** In the way of the third, where keys are paths of files. */
const BELOW_NAME = 'a0/b';
/** Objects and uploads of a probe are there for seconds. */
const LEFT_AGE_MS = 600_000;
const MISSING_NAME = 'missing';

const BODY = Buffer.from('longrunning');
const NO_ETAG = '"00000000000000000000000000000000"';

/**
 * Finds out what the server of a bucket does, by about twenty small requests under one staging name, which are removed again.
 *
 * What it refuses in another way than it should counts as not there. @throws StatusError when it cannot be written at all.
 */
export async function probeAbilities(bucket: S3Bucket, options: ProbeOptions): Promise<S3Abilities> {
  const probe = new Probe(bucket, options);
  await options.announce?.(probe.keys);
  try {
    return await probe.run();
  } finally {
    await probe.clean();
  }
}

export interface ProbeOptions {
  readonly limits: S3Limits;
  /** Told of all keys that will be written, before they are. */
  readonly announce?: AnnounceStaged;
  readonly signal: AbortSignal;
}

class Probe {
  readonly #bucket: S3Bucket;
  readonly #limits: S3Limits;
  readonly #signal: AbortSignal;
  /** Under which all of it lies. */
  readonly #start: ByteString;
  readonly #written = new Set<ByteString>();

  constructor(bucket: S3Bucket, { limits, signal }: ProbeOptions) {
    this.#bucket = bucket;
    this.#limits = limits;
    this.#signal = signal;
    this.#start = `${bucket.place.prefix}${STAGING_PREFIX}probe-${randomBytes(8).toString('hex')}/`;
  }

  /** Whatever it writes, below the bucket's place. */
  get keys(): readonly ByteString[] {
    const start = this.#start.slice(this.#bucket.place.prefix.length);
    return [...ORDERED_NAMES, BELOW_NAME].map((name) => start + name);
  }

  async run(): Promise<S3Abilities> {
    const [first = ''] = ORDERED_NAMES;
    await this.#sweep();
    await Promise.all(ORDERED_NAMES.map((name) => this.#put(name)));
    const [absent, same, checksCrc32c, order] = await Promise.all([
      this.#isRefused(first, { 'if-none-match': '*' }),
      this.#isRefused(first, { 'if-match': NO_ETAG }),
      this.#checksCrc32c(first),
      this.#order(),
    ]);
    const hasDirectories = await isRefused(this.#put(BELOW_NAME), [...UNMET, Code.INVALID_ARGUMENT]);
    const abilities = {
      ...READING_ABILITIES,
      ...order,
      hasDirectories,
      writesOnlyIfAbsent: absent,
      writesOnlyIfSame: same,
      checksCrc32c,
    };
    const uploads = await this.#uploadAbilities(first, abilities);
    const deletesOnlyIfSame = await this.#refusesDelete(first);
    const tellsOfMissing = deletesOnlyIfSame && (await this.#refusesDelete(MISSING_NAME));
    return { ...abilities, ...uploads, deletesOnlyIfSame, tellsOfMissing };
  }

  /**
   * Removes what earlier probes left whose process was killed; best effort. Nothing whose age is not known: another probe that goes on
   * at this moment would find less than is there, or nothing at all.
   */
  async #sweep(): Promise<void> {
    const prefix = `${STAGING_PREFIX}probe-`;
    const uploads = this.#uploads(READING_ABILITIES);
    const oldTimeMs = this.#bucket.nowMs() - LEFT_AGE_MS;
    const isOld = (timeMs = NaN): boolean => timeMs < oldTimeMs;
    try {
      for await (const upload of uploads.list(prefix, this.#signal)) {
        if (isOld(upload.beginTimeMs)) await uploads.abort(upload, this.#signal);
      }
      const lister = new S3Lister(this.#bucket, this.#limits.listPageCountMax);
      const pages = lister.pages(this.#bucket.place.prefix + prefix, undefined, this.#signal);
      for await (const { keys, modifyTimesMs } of pages) {
        for (const [index, key] of keys.entries()) if (isOld(modifyTimesMs[index])) this.#written.add(key);
        return;
      }
    } catch (error) {
      // A server that cannot list uploads, or does not let us, keeps them.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Best effort: what is left, the next probe sweeps away. */
  async clean(): Promise<void> {
    const signal = AbortSignal.timeout(this.#limits.cleanUpTimeoutMs);
    const removals = [...this.#written].map((key) => this.#bucket.send({ method: 'DELETE', key, signal }));
    await Promise.allSettled(removals);
  }

  async #put(name: ByteString, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const key = this.#start + name;
    this.#written.add(key);
    const response = await this.#bucket.send({ method: 'PUT', key, headers, body: BODY, signal: this.#signal });
    return unquoted(headerOf(response, 'etag') ?? '');
  }

  #isRefused(name: ByteString, headers: Readonly<Record<string, string>>): Promise<boolean> {
    const codes = CRC32C_HEADER in headers ? DAMAGED : UNMET;
    return isRefused(this.#put(name, headers), codes);
  }

  async #checksCrc32c(name: ByteString): Promise<boolean> {
    const isWrongRefused = await this.#isRefused(name, { [CRC32C_HEADER]: crc32cText(crc32c(BODY) ^ 1) });
    return isWrongRefused && !(await this.#isRefused(name, { [CRC32C_HEADER]: crc32cText(crc32c(BODY)) }));
  }

  #refusesDelete(name: ByteString): Promise<boolean> {
    const headers = { 'if-match': NO_ETAG };
    const request: S3Request = { method: 'DELETE', key: this.#start + name, headers, signal: this.#signal };
    return isRefused(this.#bucket.send(request), [...UNMET, Code.NOT_FOUND]);
  }

  async #order(): Promise<Pick<S3Abilities, 'listsInByteOrder' | 'echoesStartAfter'>> {
    const [first = '', second = ''] = ORDERED_NAMES;
    const all = await this.#list(undefined);
    const behind = await this.#list(second);
    const isWhole = all.join('\0') === ORDERED_NAMES.join('\0');
    const isBehind = behind.filter((name) => name !== second).join('\0') === ORDERED_NAMES.slice(2).join('\0');
    return {
      listsInByteOrder: isWhole && isBehind && !behind.includes(first),
      echoesStartAfter: behind.includes(second),
    };
  }

  /** Two at a time, so that the order over the ends of pages is seen, too. */
  async #list(after: ByteString | undefined): Promise<readonly ByteString[]> {
    const names: ByteString[] = [];
    const startAfter = after === undefined ? undefined : this.#start + after;
    for await (const { keys } of new S3Lister(this.#bucket, 2).pages(this.#start, startAfter, this.#signal)) {
      names.push(...keys.map((key) => key.slice(this.#start.length)));
      if (names.length > 2 * ORDERED_NAMES.length) break;
    }
    return names;
  }

  async #uploadAbilities(name: ByteString, abilities: S3Abilities): Promise<Partial<S3Abilities>> {
    if (!abilities.checksCrc32c && !abilities.writesOnlyIfAbsent && !abilities.writesOnlyIfSame) return {};
    const checksWholeCrc32c = abilities.checksCrc32c && (await this.#isWholeChecked(name, abilities));
    // Tried as it will be done: some servers want to know the kind of checksum when an upload begins.
    const uploads = this.#uploads({ ...abilities, checksWholeCrc32c });
    const [completesOnlyIfAbsent, completesOnlyIfSame] = await Promise.all([
      this.#isCompletionRefused(uploads, name, { precondition: { kind: 'absent' } }),
      this.#isCompletionRefused(uploads, name, { precondition: { kind: 'etag', etag: unquoted(NO_ETAG) } }),
    ]);
    return { checksWholeCrc32c, completesOnlyIfAbsent, completesOnlyIfSame };
  }

  async #isWholeChecked(name: ByteString, abilities: S3Abilities): Promise<boolean> {
    const uploads = this.#uploads({ ...abilities, checksWholeCrc32c: true });
    try {
      const isWrongRefused = await this.#isCompletionRefused(uploads, name, { crc32c: crc32c(BODY) ^ 1 });
      // Some compare the sum with the list of parts, and refuse the right one.
      return isWrongRefused && !(await this.#isCompletionRefused(uploads, name, { crc32c: crc32c(BODY) }));
    } catch (error) {
      // It does not begin an upload whose whole it would have to check.
      if (error instanceof StatusError && isOneOf(error, [Code.INVALID_ARGUMENT, Code.UNIMPLEMENTED])) return false;
      throw error;
    }
  }

  async #isCompletionRefused(
    uploads: S3Uploads,
    name: ByteString,
    options: Omit<CompleteUploadOptions, 'signal'>,
  ): Promise<boolean> {
    const signal = this.#signal;
    const key = this.#start.slice(this.#bucket.place.prefix.length) + name;
    // Not by the signal, which may be aborted meanwhile: an upload whose id did not arrive could not be removed. The answer's own
    // timeout bounds it.
    const upload = await uploads.begin(key, {
      modifyTimeMs: 0,
      sizeBytes: BODY.length,
      signal: new AbortController().signal,
    });
    try {
      const part = await uploads.putPart(upload, { index: 0, offsetBytes: 0, bytes: BODY }, signal);
      const codes = options.precondition === undefined ? DAMAGED : UNMET;
      return await isRefused(uploads.complete(upload, [part], { ...options, signal }), codes);
    } finally {
      await uploads.abort(upload, AbortSignal.timeout(this.#limits.cleanUpTimeoutMs)).catch(() => undefined);
    }
  }

  /** With preconditions left to the server, whatever it makes of them. */
  #uploads(abilities: S3Abilities): S3Uploads {
    const trusted = { ...abilities, completesOnlyIfAbsent: true, completesOnlyIfSame: true };
    const stat = (): Promise<undefined> => Promise.resolve(undefined);
    return new S3Uploads({ bucket: this.#bucket, abilities: trusted, limits: this.#limits, stat });
  }
}

/** How a precondition that does not hold is answered; two writers at a time make some servers busy. */
const UNMET: readonly Code[] = [Code.FAILED_PRECONDITION, Code.ABORTED];
/** How a checksum that does not fit is answered. */
const DAMAGED: readonly Code[] = [Code.DATA_LOSS, Code.INVALID_ARGUMENT];
/** A server that does not know a header may refuse it by these. */
const UNKNOWN: readonly Code[] = [Code.DATA_LOSS, Code.INVALID_ARGUMENT, Code.UNIMPLEMENTED, Code.NOT_FOUND];

/** Whether the server refuses in one of the ways that show that it has looked. */
async function isRefused(promise: Promise<unknown>, codes: readonly Code[]): Promise<boolean> {
  try {
    await promise;
    return false;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (isOneOf(error, codes)) return true;
    if (isOneOf(error, UNKNOWN)) return false;
    throw error;
  }
}

function isOneOf(error: StatusError, codes: readonly Code[]): boolean {
  return codes.includes(error.code);
}
