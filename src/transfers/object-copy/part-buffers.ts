/** Memory for the parts of uploads, used again: garbage of many mebibytes is collected late, and until then it is resident. */
export class PartBuffers {
  readonly #sizeBytes: number;
  readonly #free: Buffer[] = [];

  /** @param sizeBytes  of most parts; others have memory of their own. */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** Its content is anything. It is the caller's for good, unless it gives it back. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > this.#sizeBytes) return Buffer.allocUnsafeSlow(sizeBytes);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#sizeBytes);
    return buffer.subarray(0, sizeBytes);
  }

  /** @param part  as take() answered it; nobody reads or writes it any more. */
  giveBack({ buffer, byteLength }: Buffer): void {
    if (byteLength <= this.#sizeBytes) this.#free.push(Buffer.from(buffer));
  }
}
