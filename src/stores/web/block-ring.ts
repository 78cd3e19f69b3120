interface Block {
  readonly bytes: Buffer;
  sizeBytes: number;
}

/**
 * A few blocks of memory that are filled in turn by one side and emptied in the same order by the other, over and over: what passes
 * through them makes no garbage. A block that was taken is not written to until it is released.
 */
export class BlockRing {
  readonly #blocks: readonly Block[];
  /** Counted from the beginning, as the ones below: block n is at n modulo their number. */
  #filledCount = 0;
  #takenCount = 0;
  #releasedCount = 0;

  /** @param count  two and more: one is filled while another is emptied. */
  constructor(count: number, sizeBytes: number) {
    this.#blocks = Array.from({ length: count }, () => ({ bytes: Buffer.allocUnsafeSlow(sizeBytes), sizeBytes: 0 }));
  }

  /** All blocks are filled or taken: nothing may be written until one is released. */
  get isFull(): boolean {
    return this.#filledCount - this.#releasedCount >= this.#blocks.length;
  }

  /** Nothing is there to be taken. */
  get isEmpty(): boolean {
    return this.#takenCount === this.#filledCount;
  }

  /** Where the next bytes belong; only while the ring is not full. */
  get room(): Buffer {
    const { bytes, sizeBytes } = this.#current;
    return bytes.subarray(sizeBytes);
  }

  /** So many bytes were written to `room`. A block without room is there to be taken. */
  wrote(countBytes: number): void {
    const block = this.#current;
    block.sizeBytes += countBytes;
    if (block.sizeBytes === block.bytes.length) this.cut();
  }

  /** What was written is there to be taken, though there may be room. */
  cut(): void {
    if (this.isFull || this.#current.sizeBytes === 0) return;
    this.#filledCount += 1;
    this.#beginBlock();
  }

  /** The next filled block; undefined when there is none. It is the taker's until release(). */
  take(): Buffer | undefined {
    if (this.isEmpty) return undefined;
    const { bytes, sizeBytes } = this.#at(this.#takenCount);
    this.#takenCount += 1;
    return bytes.subarray(0, sizeBytes);
  }

  /** What was taken may be written to again. */
  release(): void {
    const wasFull = this.isFull;
    this.#releasedCount = this.#takenCount;
    if (wasFull) this.#beginBlock();
  }

  /** Forgets everything that is in it. */
  reset(): void {
    this.#filledCount = 0;
    this.#takenCount = 0;
    this.#releasedCount = 0;
    this.#beginBlock();
  }

  #beginBlock(): void {
    if (!this.isFull) this.#current.sizeBytes = 0;
  }

  get #current(): Block {
    return this.#at(this.#filledCount);
  }

  #at(index: number): Block {
    const block = this.#blocks[index % this.#blocks.length];
    if (block === undefined) throw new Error('a ring has blocks');
    return block;
  }
}
