import type { ByteString } from '../../transfers/byte-string.ts';
import type { ObjectRecord } from '../../transfers/object-record.ts';
import type {
  BeginUploadOptions,
  CompleteUploadOptions,
  ObjectUploads,
  PartToPut,
  Upload,
  UploadPart,
  UploadRules,
} from '../../transfers/object-uploads.ts';
import type { StoreCall, StoreCalls } from './store-calls.ts';

/** The uploads of a DecoratedStore. */
export class DecoratedUploads implements ObjectUploads {
  readonly rules: UploadRules;
  readonly list?: NonNullable<ObjectUploads['list']>;
  readonly #inner: ObjectUploads;
  readonly #calls: StoreCalls;

  constructor(inner: ObjectUploads, calls: StoreCalls) {
    this.#inner = inner;
    this.#calls = calls;
    this.rules = inner.rules;
    if (inner.list !== undefined) this.list = inner.list.bind(inner);
  }

  begin(key: ByteString, options: BeginUploadOptions): Promise<Upload> {
    return this.#call('begin', options.signal, () => this.#inner.begin(key, options));
  }

  putPart(upload: Upload, part: PartToPut, signal: AbortSignal): Promise<UploadPart> {
    const call = { method: 'put-part', sizeBytes: part.bytes.length, isRepeatable: true, signal } as const;
    const act = (): Promise<UploadPart> => this.#inner.putPart(upload, part, signal);
    return this.#calls.call === undefined ? act() : this.#calls.call(call, act);
  }

  complete(upload: Upload, parts: readonly UploadPart[], options: CompleteUploadOptions): Promise<ObjectRecord> {
    return this.#call('complete', options.signal, () => this.#inner.complete(upload, parts, options));
  }

  abort(upload: Upload, signal: AbortSignal): Promise<boolean> {
    return this.#call('abort', signal, () => this.#inner.abort(upload, signal));
  }

  #call<T>(method: StoreCall['method'], signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    return this.#calls.call === undefined
      ? act()
      : this.#calls.call({ method, sizeBytes: 0, isRepeatable: true, signal }, act);
  }
}
