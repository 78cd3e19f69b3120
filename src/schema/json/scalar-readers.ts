import { JsonNumber, type JsonNode } from './json-node.ts';
import { wholeNumber } from './whole-number.ts';

/** A node → a value as a decoded message has it; undefined when the node is none of the type. */
export type ScalarReader = (node: JsonNode) => boolean | number | string | Buffer | undefined;

const FLOAT_MAX = 3.4028234663852886e38;
/** Halfway to what would be the next float: what is nearer rounds down to the largest. */
const FLOAT_ROUNDED_MAX = 3.4028235677973366e38;

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const STANDARD_BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_BASE64 = /^[A-Za-z0-9_-]*={0,2}$/;
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const readInt32: ScalarReader = (node) => intWithin(node, -(2n ** 31n), 2n ** 31n - 1n);
const readUint32: ScalarReader = (node) => intWithin(node, 0n, 2n ** 32n - 1n);
const readInt64: ScalarReader = (node) => longWithin(node, -(2n ** 63n), 2n ** 63n - 1n);
const readUint64: ScalarReader = (node) => longWithin(node, 0n, 2n ** 64n - 1n);

/** By descriptor.proto's names; every scalar but enums. */
export const SCALAR_READERS: Readonly<Record<string, ScalarReader>> = {
  TYPE_BOOL: (node) => (typeof node === 'boolean' ? node : undefined),
  TYPE_STRING: (node) => (typeof node === 'string' ? node : undefined),
  TYPE_BYTES: (node) => (typeof node === 'string' ? bytesOf(node) : undefined),
  TYPE_DOUBLE: readDouble,
  TYPE_FLOAT: readFloat,
  TYPE_INT32: readInt32,
  TYPE_SINT32: readInt32,
  TYPE_SFIXED32: readInt32,
  TYPE_UINT32: readUint32,
  TYPE_FIXED32: readUint32,
  TYPE_INT64: readInt64,
  TYPE_SINT64: readInt64,
  TYPE_SFIXED64: readInt64,
  TYPE_UINT64: readUint64,
  TYPE_FIXED64: readUint64,
};

/** An enum's name, or its number; a number that has no name stays a number: "Unrecognized enum values" are kept in proto3. */
export function readEnum(node: JsonNode, values: ReadonlyMap<string, number>): string | number | undefined {
  if (typeof node === 'string') return values.has(node) ? node : undefined;
  if (!(node instanceof JsonNumber)) return undefined;
  const number = readInt32(node);
  return [...values].find(([, value]) => value === number)?.[0] ?? (number as number | undefined);
}

/** proto3's JSON mapping: "Either numbers or strings are accepted." */
function written(node: JsonNode): string | undefined {
  if (node instanceof JsonNumber) return node.text;
  return typeof node === 'string' && DECIMAL.test(node) ? node : undefined;
}

function whole(node: JsonNode, min: bigint, max: bigint): bigint | undefined {
  const text = written(node);
  const number = text === undefined ? undefined : wholeNumber(text);
  return number === undefined || number < min || number > max ? undefined : number;
}

function intWithin(node: JsonNode, min: bigint, max: bigint): number | undefined {
  const number = whole(node, min, max);
  return number === undefined ? undefined : Number(number);
}

function longWithin(node: JsonNode, min: bigint, max: bigint): string | undefined {
  return whole(node, min, max)?.toString();
}

/** A number that a double cannot hold is a mistake, not Infinity. */
function readDouble(node: JsonNode): number | undefined {
  if (typeof node === 'string' && NOT_FINITE.has(node)) return NOT_FINITE.get(node);
  const text = written(node);
  const number = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function readFloat(node: JsonNode): number | undefined {
  const number = readDouble(node);
  if (number === undefined || !Number.isFinite(number)) return number;
  if (Math.abs(number) >= FLOAT_ROUNDED_MAX) return undefined;
  return Math.sign(number) * Math.min(Math.abs(Math.fround(number)), FLOAT_MAX);
}

/** "Either standard or URL-safe base64 encoding with/without paddings are accepted", one alphabet in a text. */
function bytesOf(text: string): Buffer | undefined {
  if (!STANDARD_BASE64.test(text) && !URL_BASE64.test(text)) return undefined;
  const padding = text.length - text.replace(/=+$/, '').length;
  const rest = (text.length - padding) % 4;
  if (rest === 1 || (padding > 0 && (rest + padding) % 4 !== 0)) return undefined;
  return Buffer.from(text, 'base64');
}
