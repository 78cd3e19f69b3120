import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '../../../src/core/code.ts';
import { readManifest } from '../../../src/stores/manifest/read-manifest.ts';
import { sortedManifest } from '../../../src/stores/manifest/sorted-manifest.ts';
import { byteStringOf } from '../../../src/transfers/byte-string.ts';
import type { ManifestRow } from '../../../src/transfers/selection/manifest.ts';

const never = new AbortController().signal;
const limits = { manifestSizeBytesMax: 100_000, rowSizeBytesMax: 200 };

/** In pieces of one length, each gone when the next is asked for, as a store's chunks are. */
async function* body(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(pieceBytes);
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    const length = Buffer.from(bytes.subarray(offset, offset + pieceBytes)).copy(piece);
    yield piece.subarray(0, length);
    piece.fill(0);
  }
}

const read = (text: string | Uint8Array, pieceBytes = 7, signal = never): AsyncGenerator<ManifestRow> =>
  readManifest(body(Buffer.from(text as string), pieceBytes), { url: 'gs://b/m.csv', limits, signal });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const namesIn = async (text: string | Uint8Array): Promise<string[]> =>
  (await all(read(text))).map(({ key }) => Buffer.from(key, 'latin1').toString());

describe('the rows of a manifest', () => {
  test('are names in the first column, and generations in the second', async () => {
    expect(await all(read('b\na,17\n"c d", 18 ,more\n'))).toEqual([
      { key: 'b', rowNumber: 1 },
      { key: 'a', generation: '17', rowNumber: 2 },
      { key: 'c d', generation: '18', rowNumber: 3 },
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    ['"doe,john.txt": a name with a comma is quoted', '"doe,john.txt"\n', ['doe,john.txt']],
    ['a quote within quotes is doubled', '"say ""hello"""\n', ['say "hello"']],
    ['a line end within quotes is part of the name', '"a\nb"\r\nc', ['a\nb', 'c']],
    ['any UTF-8 characters', 'Grüße/\u{1f600}\nнаш\n', ['Grüße/\u{1f600}', 'наш']],
    ['both kinds of line ends, and none at the end', 'a\r\nb\nc', ['a', 'b', 'c']],
    ['lines without anything are passed over', '\n\na\n\n', ['a']],
    ['a byte order mark is no part of the first name', '\u{feff}"a"\nb', ['a', 'b']],
    ['a file that is shorter than such a mark', 'a', ['a']],
    ['spaces belong to the name', ' a \n', [' a ']],
    ['an empty file', '', []],
  ])('%s', async (_title, text, names) => {
    expect(await namesIn(text)).toEqual(names);
  });

  test('are those that were written, whatever the names and wherever chunks end', async () => {
    const name = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', ',', '\n', '\r', ' ', '/'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      ),
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), async (names, pieceBytes) => {
        const text = names.map((each) => `"${each.replaceAll('"', '""')}"\r\n`).join('');
        const rows = await all(read(text, pieceBytes));
        expect(rows.map(({ key }) => key)).toEqual(names.map(byteStringOf));
      }),
      { numRuns: 100 },
    );
  });
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['a quote that is not closed', 'a\n"b\nc\n', /line|quote/i],
  ['a quote within a name that has none around it', 'a"b\n', /quote/i],
  ['a row without a name', 'a\n,17\n', /row 2/],
  ['a generation that is no number', 'a,x\n', /generation in row 1/],
  ['a name that is not UTF-8', Buffer.from('a\nb\xff\n', 'latin1'), /row 2 is not UTF-8/],
  ['UTF-16', Buffer.from('\u{feff}a\n', 'utf16le'), /not UTF-8/],
  ['a row that is too long', `a\n${'a'.repeat(201)}\n`, /row in line 2/],
  ['a row of columns without anything', `a\n${','.repeat(201)}`, /row in line 2/],
  ['a quoted row that is too long in line ends', `"${'\n'.repeat(200)}"\n`, /row in line 201/],
])('%s is INVALID_ARGUMENT, and no row that is not there', async (_title, text, message) => {
  await expect(all(read(text))).rejects.toMatchObject({
    code: Code.INVALID_ARGUMENT,
    message: expect.stringMatching(message),
    info: { reason: 'MANIFEST_MALFORMED', metadata: { manifest: 'gs://b/m.csv' } },
    isFinal: true,
  });
});

test('a row may be as long as the limit, wherever chunks end', async () => {
  const row = `${'a'.repeat(150)},${','.repeat(49)}\n`;
  expect(await namesIn(row + row)).toEqual(['a'.repeat(150), 'a'.repeat(150)]);
});

test('a manifest larger than the limit is RESOURCE_EXHAUSTED', async () => {
  const reading = all(read('name\n'.repeat(20_001), 1000));
  await expect(reading).rejects.toMatchObject({
    code: Code.RESOURCE_EXHAUSTED,
    info: { reason: 'MANIFEST_TOO_LARGE' },
  });
});

test('a failure of the store, and an abort, end the reading as they are', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a\nb\n');
    throw new Error('the line is cut');
  }
  await expect(all(readManifest(broken(), { url: 'u', limits, signal: never }))).rejects.toThrow('the line is cut');
  const abort = new AbortController();
  abort.abort(new Error('enough'));
  await expect(all(read('a\nb\n', 7, abort.signal))).rejects.toThrow('enough');
});

describe('a sorted manifest', () => {
  const wanted = { isSelected: () => true, isWanted: () => true };
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'manifest-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('has every name once, its first row, in the order of bytes, and as often as it is asked', async () => {
    const row = fc.record({
      key: fc.constantFrom('a', 'a/b', 'a-', 'é', 'z', 'b').map(byteStringOf),
      generation: fc.constantFrom('1', '2'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (given, sortRunCountMax) => {
          const rows = given.map((each, index) => ({ ...each, rowNumber: index + 1 }));
          const options = { directory, sortRunCountMax, sortRunsMax: 100 };
          const manifest = await sortedManifest(asStream(rows), options, wanted);
          const firsts = new Map(rows.toReversed().map((each) => [each.key, each]));
          const expected = [...firsts.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
          const twice = await Promise.all([
            all(manifest?.rows() ?? asStream<ManifestRow>([])),
            all(manifest?.rows() ?? asStream<ManifestRow>([])),
          ]);
          expect(twice).toEqual([expected, expected]);
          await manifest?.close();
          expect(readdirSync(directory)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('that is not wanted any more leaves no file behind', async () => {
    let count = 0;
    const rows = Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, rowNumber: index + 1 }));
    const options = { directory, sortRunCountMax: 5, sortRunsMax: 100 };
    expect(
      await sortedManifest(asStream(rows), options, { ...wanted, isWanted: () => (count += 1) < 20 }),
    ).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('holds the rows that are selected, and room is taken by no other', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, rowNumber: index + 1 }));
    const options = { directory, sortRunCountMax: 5, sortRunsMax: 1 };
    const isSelected = (key: string): boolean => key.endsWith('7');
    const manifest = await sortedManifest(asStream(rows), options, { ...wanted, isSelected });
    expect((await all(manifest?.rows() ?? asStream<ManifestRow>([]))).map(({ rowNumber }) => rowNumber)).toEqual([
      18, 28, 38, 48, 8,
    ]);
    await manifest?.close();
  });

  test('of a few names over and over needs room for those few', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({ key: `k${index % 4}`, rowNumber: index + 1 }));
    const options = { directory, sortRunCountMax: 8, sortRunsMax: 0 };
    const manifest = await sortedManifest(asStream(rows), options, wanted);
    expect((await all(manifest?.rows() ?? asStream<ManifestRow>([]))).map(({ rowNumber }) => rowNumber)).toEqual([
      1, 2, 3, 4,
    ]);
  });

  test('whose reading fails leaves no file behind', async () => {
    async function* failing(): AsyncGenerator<ManifestRow> {
      for (let index = 0; index < 20; index += 1) yield { key: `k${index}`, rowNumber: index + 1 };
      throw new Error('the line is cut');
    }
    const options = { directory, sortRunCountMax: 5, sortRunsMax: 100 };
    await expect(sortedManifest(failing(), options, wanted)).rejects.toThrow('the line is cut');
    expect(readdirSync(directory)).toEqual([]);
  });
});

async function* asStream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
