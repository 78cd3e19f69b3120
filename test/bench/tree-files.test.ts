import { expect, test } from '@jest/globals';
import { contentOf, treeFiles } from '../../bench/transfers/tree-files.ts';

const MIB = 2 ** 20;

function fileOf(sizeBytes: number): ReturnType<typeof treeFiles>[number] {
  const [, file] = treeFiles({ fileCount: 2, fileSizeBytes: sizeBytes, directoryCount: 0 });
  if (file === undefined) throw new Error('there is no second file');
  return file;
}

test.each([
  [4096, 0, 4096],
  [4096, 100, 101],
  [3 * MIB + 5, MIB - 1, 2 * MIB + 1],
  [3 * MIB + 5, 2 * MIB, 3 * MIB + 5],
  [3 * MIB + 5, 7, 7],
])('of a file of %d bytes those from %d to %d are the ones the whole has there', (sizeBytes, fromBytes, toBytes) => {
  const file = fileOf(sizeBytes);
  const whole = Buffer.concat([...contentOf(file)]);

  const part = Buffer.concat([...contentOf(file, fromBytes, toBytes)]);

  expect(whole.length).toBe(sizeBytes);
  expect(part.equals(whole.subarray(fromBytes, toBytes))).toBe(true);
});
