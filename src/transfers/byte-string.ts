/**
 * Bytes as a string of one character each (latin1), so that `<` orders keys exactly as their bytes are ordered.
 *
 * Keys inside the engine are byte strings: V8 stores them in one byte a character and compares them as memory, while
 * ordinary strings compare by UTF-16 units and disagree with every store beyond U+D7FF. They never leave the engine.
 */
export type ByteString = string;

export function toByteString(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The byte string of ordinary text, encoded as UTF-8. */
export function byteStringOf(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function toBytes(value: ByteString): Buffer {
  return Buffer.from(value, 'latin1');
}

/** For people: UTF-8 where it is valid, U+FFFD where it is not. */
export function displayText(value: ByteString): string {
  return toBytes(value).toString('utf8');
}
