import { crc32c } from '@node-rs/crc32';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import { displayText, type ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  BeginUploadOptions,
  CompleteUploadOptions,
  ObjectUploads,
  Upload,
  UploadPart,
  UploadRules,
} from '../../transfers/object-uploads.ts';
import {
  SESSION_GRAIN_BYTES,
  unknownUpload,
  type GcsSession,
  type GcsSessions,
  type SessionState,
} from './gcs-session.ts';
import type { GcsResource } from './gcs-resource.ts';
import type { GcsLimits } from './limits.ts';

/** "Maximum object size: 5 TiB" */
const OBJECT_SIZE_BYTES_MAX = 5 * 1024 ** 4;

interface Part {
  readonly index: number;
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

/** What the service should have made. */
export interface SentObject {
  readonly sizeBytes: number;
  readonly crc32c?: number;
}

/** Checks what the service has made against what was sent; the record. */
type Verify = (key: ByteString, resource: GcsResource, sent: SentObject) => Promise<ObjectRecord>;

export interface GcsUploadsOptions {
  readonly sessions: GcsSessions;
  readonly limits: GcsLimits;
  readonly verify: Verify;
}

/**
 * Resumable sessions as uploads, whose parts come in order. The precondition that counts is that of `begin`.
 *
 * A session's last byte makes the object visible. So the end of the last part, what is over a multiple of 256 KiB, stays here until
 * `complete`; another process, which does not have it, is told that the upload is unknown, and begins anew.
 */
export class GcsUploads implements ObjectUploads {
  readonly rules: UploadRules = {
    partSizeBytesMin: SESSION_GRAIN_BYTES,
    partSizeBytesMax: OBJECT_SIZE_BYTES_MAX,
    partSizeGrainBytes: SESSION_GRAIN_BYTES,
    partCountMax: OBJECT_SIZE_BYTES_MAX / SESSION_GRAIN_BYTES,
    isSequential: true,
  };
  readonly #options: GcsUploadsOptions;
  /** How much of each upload the service is known to have kept: then it need not be asked before the next part. By id. */
  readonly #keptBytes = new Map<string, number>();
  readonly #tails = new Map<string, Uint8Array>();

  constructor(options: GcsUploadsOptions) {
    this.#options = options;
  }

  async begin(key: ByteString, options: BeginUploadOptions): Promise<Upload> {
    const { target } = await this.#options.sessions.begin(key, options);
    this.#keep(target, 0);
    return { key, id: target };
  }

  async putPart(upload: Upload, { index, offsetBytes, bytes }: Part, signal: AbortSignal): Promise<UploadPart> {
    const tailBytes = bytes.length % SESSION_GRAIN_BYTES;
    const end = bytes.length - tailBytes;
    await this.#append(upload, offsetBytes, bytes.subarray(0, end), signal);
    if (tailBytes > 0) this.#hold(upload.id, Uint8Array.from(bytes.subarray(end)));
    const sum = crc32c(bytes);
    return { index, offsetBytes, sizeBytes: bytes.length, crc32c: sum, etag: sum.toString(16).padStart(8, '0') };
  }

  async complete(
    upload: Upload,
    parts: readonly UploadPart[],
    { crc32c: sum, signal }: CompleteUploadOptions,
  ): Promise<ObjectRecord> {
    const sizeBytes = parts.reduce((size, part) => size + part.sizeBytes, 0);
    const resource = await this.#finish(upload, sizeBytes, sum, signal);
    this.#forget(upload.id);
    return this.#options.verify(upload.key, resource, { sizeBytes, ...(sum === undefined ? {} : { crc32c: sum }) });
  }

  abort(upload: Upload, signal: AbortSignal): Promise<boolean> {
    this.#forget(upload.id);
    return this.#options.sessions.cancel(sessionOf(upload), signal);
  }

  /** Sends what the service does not have yet of a part: after a lost answer, or in another process, it is asked first. */
  async #append(upload: Upload, offsetBytes: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { sessions } = this.#options;
    const session = sessionOf(upload);
    const endBytes = offsetBytes + bytes.length;
    let kept = keptOf(await this.#state(session, signal), upload.key);
    while (kept < endBytes) {
      if (kept < offsetBytes) throw outOfOrder(upload.key, kept, offsetBytes);
      const before = kept;
      const rest = bytes.subarray(kept - offsetBytes);
      kept = keptOf(await sessions.append(session, kept, rest, signal), upload.key);
      if (kept <= before) throw stuck(upload.key, kept);
    }
    this.#keep(upload.id, kept);
  }

  /** After a lost answer the object may be there already. */
  async #finish(upload: Upload, sizeBytes: number, sum: number | undefined, signal: AbortSignal): Promise<GcsResource> {
    const { sessions } = this.#options;
    const session = sessionOf(upload);
    const tailBytes = sizeBytes % SESSION_GRAIN_BYTES;
    const tail = tailBytes === 0 ? NOTHING : this.#tails.get(upload.id);
    const state = await this.#state(session, signal);
    if ('resource' in state) return state.resource;
    const missingBytes = sizeBytes - state.keptBytes;
    if (tail?.length !== tailBytes) {
      // Of no use to anybody without its end.
      await sessions.cancel(session, signal);
      throw unknownUpload(upload.key);
    }
    if (missingBytes < 0 || missingBytes > tailBytes)
      throw outOfOrder(upload.key, state.keptBytes, sizeBytes - tailBytes);
    const bytes = tail.subarray(tailBytes - missingBytes);
    const end = { offsetBytes: state.keptBytes, bytes, ...(sum === undefined ? {} : { crc32c: sum }) };
    return sessions.finish(session, end, signal);
  }

  /** As known here, or else as the service says; unknown again until the answer to what is sent next is here. */
  async #state(session: GcsSession, signal: AbortSignal): Promise<SessionState> {
    const known = this.#keptBytes.get(session.target);
    this.#keptBytes.delete(session.target);
    return known === undefined ? this.#options.sessions.state(session, signal) : { keptBytes: known };
  }

  #hold(id: string, tail: Uint8Array): void {
    this.#tails.set(id, tail);
    dropOldest(this.#tails, this.#options.limits.heldTailCountMax);
  }

  #keep(id: string, keptBytes: number): void {
    this.#keptBytes.set(id, keptBytes);
    dropOldest(this.#keptBytes, this.#options.limits.heldTailCountMax);
  }

  #forget(id: string): void {
    this.#tails.delete(id);
    this.#keptBytes.delete(id);
  }
}

const NOTHING = new Uint8Array(0);

function sessionOf({ key, id }: Upload): GcsSession {
  return { key, target: id };
}

function keptOf(state: SessionState, key: ByteString): number {
  if ('keptBytes' in state) return state.keptBytes;
  throw unknownUpload(key);
}

function dropOldest(map: Map<string, unknown>, countMax: number): void {
  for (const id of map.keys()) {
    if (map.size <= countMax) return;
    map.delete(id);
  }
}

function outOfOrder(key: ByteString, keptBytes: number, offsetBytes: number): StatusError {
  const message = `${displayText(key)}: the upload is at byte ${keptBytes}, a part at ${offsetBytes} must wait for those before it`;
  return new StatusError(Code.FAILED_PRECONDITION, message, { reason: 'UPLOAD_OUT_OF_ORDER' });
}

function stuck(key: ByteString, keptBytes: number): StatusError {
  const message = `${displayText(key)}: the service keeps nothing of the upload behind byte ${keptBytes}`;
  return new StatusError(Code.UNAVAILABLE, message, { reason: 'UPLOAD_INCOMPLETE' });
}
