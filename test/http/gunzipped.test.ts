import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { gunzipped } from '../../src/http/gunzipped.ts';
import { StatusError } from '../../src/core/status-error.ts';

const HELLO = gzipSync('hello ');
const WORLD = gzipSync('world');

async function textOf(...chunks: Uint8Array[]): Promise<string> {
  const taken: Uint8Array[] = [];
  for await (const chunk of gunzipped(chunks)) taken.push(chunk);
  return Buffer.concat(taken).toString();
}

async function reasonOf(...chunks: Uint8Array[]): Promise<string | undefined> {
  try {
    await textOf(...chunks);
    return undefined;
  } catch (error) {
    return error instanceof StatusError ? error.info.reason : String(error);
  }
}

/** With one bit of its end, which holds a checksum and a size, turned. */
function damaged(bytes: Uint8Array, fromEnd: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length - fromEnd) ^ 1, copy.length - fromEnd);
  return copy;
}

describe('what was compressed', () => {
  test.each<[string, Uint8Array[], string]>([
    ['in one chunk', [HELLO], 'hello '],
    ['byte by byte', [...HELLO].map((byte) => Uint8Array.of(byte)), 'hello '],
    ['as two members', [HELLO, WORLD], 'hello world'],
    ['of nothing', [gzipSync('')], ''],
  ])('%s comes as it was', async (_, chunks, text) => {
    expect(await textOf(...chunks)).toBe(text);
  });

  test.each<[string, Uint8Array[]]>([
    ['that ends too early', [HELLO.subarray(0, -1)]],
    ['that is not there', []],
    ['that is none', [Buffer.from('{}')]],
    ['with another checksum', [damaged(HELLO, 8)]],
    ['with another size', [damaged(HELLO, 4)]],
    ['with something behind it', [HELLO, Buffer.from('{}')]],
  ])('%s is refused', async (_, chunks) => {
    expect(await reasonOf(...chunks)).toBe('MALFORMED_GZIP');
  });
});

test('what ends the sender is told as it is', async () => {
  const left = new Error('the caller left');
  const failing = (async function* () {
    yield await Promise.resolve(HELLO.subarray(0, 12));
    throw left;
  })();
  await expect(gunzipped(failing).next()).rejects.toBe(left);
});

test('no more is sent than is asked for, and leaving early leaves the sender', async () => {
  let sentCount = 0;
  const over = Promise.withResolvers<undefined>();
  const sending = (async function* () {
    try {
      for (;;) {
        sentCount += 1;
        yield await Promise.resolve(gzipSync(Buffer.alloc(1_000_000)));
      }
    } finally {
      over.resolve(undefined);
    }
  })();
  const chunks = gunzipped(sending);
  await chunks.next();
  await chunks.return();
  await over.promise;
  // Some chunks of a thousandth of that are waiting in the streams between.
  expect(sentCount).toBeLessThan(100);
});
