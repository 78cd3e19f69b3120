import { toByteString, type ByteString } from './byte-string.ts';

/** How many characters two keys begin with in common. */
export function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

/** Builds a journal entry. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  /** A non-negative integer below 2^64, seven bits a byte: an inode may be beyond the safe ones. */
  integer(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  text(value: ByteString): void {
    this.integer(value.length);
    this.#reserve(value.length);
    this.#length += this.#buffer.write(value, this.#length, 'latin1');
  }

  bytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads what ByteWriter wrote; throws RangeError at the end of the bytes. */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  integer(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#view.getUint8(this.#offset++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  double(): number {
    this.#offset += 8;
    return this.#view.getFloat64(this.#offset - 8, true);
  }

  text(): ByteString {
    const length = this.integer();
    if (this.#offset + length > this.#bytes.length) throw new RangeError('journal entry is cut short');
    this.#offset += length;
    return toByteString(this.#bytes.subarray(this.#offset - length, this.#offset));
  }
}
