/** Archives of apps, made as build tools make them, and as nobody should. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the archive says instead of the truth. */
  readonly claimedSizeBytes?: number;
  readonly claimedChecksum?: number;
}

/** A zip archive: each entry with its header, the directory, and the record at the end. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, claimedSizeBytes, claimedChecksum } of entries) {
    const data = deflateRawSync(bytes);
    const sizes = [claimedChecksum ?? crc32(bytes), data.length, claimedSizeBytes ?? bytes.length];
    // Version 2.0, no flags, deflate, no time; checksum and sizes; the lengths of the name and of no extra field.
    const common = [...u16(20, 0, 8, 0, 0), ...sizes.flatMap((each) => u32(each)), ...u16(name.length, 0)];
    files.push(Buffer.from([...u32(0x04034b50), ...common, ...Buffer.from(name)]), data);
    const last = [...u16(0, 0, 0), ...u32(0, offset)];
    directory.push(Buffer.from([...u32(0x02014b50), ...u16(20), ...common, ...last, ...Buffer.from(name)]));
    offset += 30 + name.length + data.length;
  }
  const size = Buffer.concat(directory).length;
  const end = [...u32(0x06054b50), ...u16(0, 0, entries.length, entries.length), ...u32(size, offset), ...u16(0)];
  return Buffer.concat([...files, ...directory, Buffer.from(end)]);
}

type Attributes = Readonly<Record<string, string | number>>;

/** Elements of a manifest, in their order. */
export type ManifestElement = readonly [name: string, attributes: Attributes];

/** The system's number of an attribute. */
const RESOURCE_IDS: Readonly<Record<string, number>> = {
  name: 0x01010003,
  versionCode: 0x0101021b,
  versionName: 0x0101021c,
};

/**
 * Binary XML as an APK has it. Attributes that have numbers come first in the pool of strings, and as shrinkers leave them: without
 * their names.
 */
export function binaryXml(elements: readonly ManifestElement[]): Buffer {
  const known = Object.keys(RESOURCE_IDS);
  const strings = [...known.map(() => '')];
  const numberOf = (text: string): number => strings.push(text) - 1;
  const attribute = ([name, value]: readonly [string, string | number]): readonly number[] => {
    const index = known.includes(name) ? known.indexOf(name) : numberOf(name);
    const typed = typeof value === 'number' ? [0xffffffff, 0x10000008, value] : stringValue(numberOf(value));
    return u32(0xffffffff, index, ...typed);
  };
  const chunks = elements.map(([name, attributes]) => {
    const list = Object.entries(attributes);
    const body = [...u32(0xffffffff, numberOf(name)), ...u16(20, 20, list.length, 0, 0, 0), ...list.flatMap(attribute)];
    return chunkOf(0x0102, u32(1, 0xffffffff), body);
  });
  const resources = chunkOf(0x0180, [], u32(...Object.values(RESOURCE_IDS)));
  return Buffer.from(chunkOf(0x0003, [], [...stringPool(strings), ...resources, ...chunks.flat()]));
}

const stringValue = (index: number): readonly number[] => [index, 0x03000008, index];

function stringPool(strings: readonly string[]): readonly number[] {
  const encoded = strings.map((text) => [...u16(text.length), ...Buffer.from(text, 'utf16le'), ...u16(0)]);
  let at = 0;
  const offsets = encoded.map((each) => (at += each.length) - each.length);
  const header = u32(strings.length, 0, 0, 28 + strings.length * 4, 0);
  const padding = at % 4 === 0 ? [] : u16(0);
  return chunkOf(0x0001, header, [...u32(...offsets), ...encoded.flat(), ...padding]);
}

function chunkOf(type: number, header: readonly number[], body: readonly number[]): readonly number[] {
  return [...u16(type, 8 + header.length), ...u32(8 + header.length + body.length), ...header, ...body];
}

/** Protobuf XML as an AAB has it: an element, its attributes, and the elements in it. */
export function protoXml([name, attributes]: ManifestElement, children: readonly Buffer[] = []): Buffer {
  const list = Object.entries(attributes).map(([key, value]) =>
    field(4, Buffer.concat([field(2, Buffer.from(key)), field(3, Buffer.from(String(value)))])),
  );
  const parts = [field(3, Buffer.from(name)), ...list, ...children.map((child) => field(5, child))];
  return field(1, Buffer.concat(parts));
}

/** A field of bytes, of up to 16383. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, (bytes.length & 0x7f) | 0x80, bytes.length >> 7]), bytes]);
}

function u16(...values: readonly number[]): readonly number[] {
  return values.flatMap((value) => [value & 0xff, value >>> 8]);
}

function u32(...values: readonly number[]): readonly number[] {
  return values.flatMap((value) => [...u16(value & 0xffff, value >>> 16)]);
}
