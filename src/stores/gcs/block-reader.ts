/** Cuts a body into blocks of a size. Chunks are copied, as a source may use their memory again. */
export class BlockReader {
  readonly #body: AsyncIterator<Uint8Array, unknown>;
  readonly #signal: AbortSignal;
  #rest: Uint8Array = NOTHING;
  #isOver = false;

  constructor(body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#body = body[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** Fewer bytes only at the end. */
  async read(sizeBytes: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let wantedBytes = sizeBytes;
    while (wantedBytes > 0 && (await this.hasMore())) {
      const part = this.#rest.subarray(0, wantedBytes);
      this.#rest = this.#rest.subarray(part.length);
      wantedBytes -= part.length;
      parts.push(Buffer.from(part));
    }
    const [only] = parts;
    return Buffer.isBuffer(only) && parts.length === 1 ? only : Buffer.concat(parts);
  }

  /** Whether another byte comes; waits for it. */
  async hasMore(): Promise<boolean> {
    this.#signal.throwIfAborted();
    while (this.#rest.length === 0 && !this.#isOver) {
      const next = await this.#body.next();
      this.#isOver = next.done === true;
      this.#rest = next.done === true ? NOTHING : next.value;
      this.#signal.throwIfAborted();
    }
    return this.#rest.length > 0;
  }

  /** Lets the source go, which may not have come to its end. */
  async close(): Promise<void> {
    if (!this.#isOver) await this.#body.return?.();
  }
}

const NOTHING = new Uint8Array(0);
