import { limits } from './limits.js';

/**
 * Android's binary XML, as an APK's manifest is: chunks of a type, the size of its header and a size (16, 16 and 32 bits,
 * little-endian), within one that holds them all. Strings stand in a pool, and are meant by their numbers.
 */
const DOCUMENT = 0x0003;
const STRING_POOL = 0x0001;
const RESOURCE_MAP = 0x0180;
const START_ELEMENT = 0x0102;
const UTF8_FLAG = 0x100;
const NO_STRING = 0xffffffff;
const STRING_TYPE = 0x03;
const ATTRIBUTE_SIZE = 20;

/** Attributes that the system knows by number: their names in the pool may have been removed. */
const RESOURCE_NAMES = new Map([
  [0x01010003, 'name'],
  [0x0101021b, 'versionCode'],
  [0x0101021c, 'versionName'],
]);

/**
 * The elements of a document in their order, each with a function that reads an attribute by its name, as text; undefined where it is
 * not there. A value that is a reference to a resource reads as `@` and its number.
 *
 * @throws Error for what is no such document.
 */
export function* elementsOf(bytes) {
  if (bytes.readUInt16LE(0) !== DOCUMENT) throw new Error('it is no binary XML');
  let pool = { string: () => undefined };
  let resourceIds = Buffer.alloc(0);
  for (const { type, headerSize, chunk } of chunksOf(bytes, bytes.readUInt16LE(2))) {
    if (type === STRING_POOL) pool = stringPoolOf(chunk, headerSize);
    else if (type === RESOURCE_MAP) resourceIds = chunk.subarray(headerSize);
    else if (type === START_ELEMENT) yield elementOf(chunk.subarray(headerSize), { pool, resourceIds });
  }
}

function* chunksOf(bytes, start) {
  for (let at = start; at < bytes.length;) {
    const size = bytes.readUInt32LE(at + 4);
    const headerSize = bytes.readUInt16LE(at + 2);
    if (headerSize < 8 || size < headerSize || at + size > bytes.length)
      throw new Error(`a chunk at byte ${at} is ill-formed`);
    yield { type: bytes.readUInt16LE(at), headerSize, chunk: bytes.subarray(at, at + size) };
    at += size;
  }
}

function stringPoolOf(chunk, headerSize) {
  const count = chunk.readUInt32LE(8);
  const isUtf8 = (chunk.readUInt32LE(16) & UTF8_FLAG) !== 0;
  const strings = chunk.subarray(chunk.readUInt32LE(20));
  return {
    string: (index) => {
      if (index >= count) return undefined;
      const at = chunk.readUInt32LE(headerSize + index * 4);
      return isUtf8 ? utf8At(strings, at) : utf16At(strings, at);
    },
  };
}

/** Two lengths, of characters and of bytes, in one byte each or, when the first bit is set, in two. */
function utf8At(strings, start) {
  const at = start + (strings.readUInt8(start) & 0x80 ? 2 : 1);
  const first = strings.readUInt8(at);
  const isLong = (first & 0x80) !== 0;
  const length = isLong ? ((first & 0x7f) << 8) | strings.readUInt8(at + 1) : first;
  return textAt(strings, { at: at + (isLong ? 2 : 1), length, encoding: 'utf8' });
}

function utf16At(strings, at) {
  const first = strings.readUInt16LE(at);
  if ((first & 0x8000) !== 0) throw new Error('a string is too long');
  return textAt(strings, { at: at + 2, length: first * 2, encoding: 'utf16le' });
}

function textAt(strings, { at, length, encoding }) {
  if (length > limits.stringLengthMax * 2 || at + length > strings.length) throw new Error('a string is too long');
  return strings.toString(encoding, at, at + length);
}

function elementOf(body, { pool, resourceIds }) {
  const start = body.readUInt16LE(8);
  const size = body.readUInt16LE(10);
  const count = body.readUInt16LE(12);
  if (count > 0 && size < ATTRIBUTE_SIZE) throw new Error('attributes are ill-formed');
  const nameOf = (index) => {
    const known =
      index * 4 + 4 <= resourceIds.length ? RESOURCE_NAMES.get(resourceIds.readUInt32LE(index * 4)) : undefined;
    return known ?? pool.string(index);
  };
  const attribute = (wanted) => {
    for (let at = start; at < start + count * size; at += size) {
      if (nameOf(body.readUInt32LE(at + 4)) === wanted) return valueAt(body.subarray(at, at + size), pool);
    }
    return undefined;
  };
  return { name: pool.string(body.readUInt32LE(4)), attribute };
}

function valueAt(attribute, pool) {
  const raw = attribute.readUInt32LE(8);
  if (raw !== NO_STRING) return pool.string(raw);
  const type = attribute.readUInt8(15);
  const data = attribute.readUInt32LE(16);
  if (type === STRING_TYPE) return pool.string(data);
  return type === 0x01 ? `@${data.toString(16)}` : String(data);
}
