import type { S3Abilities } from '../../../src/stores/s3/s3-abilities.ts';

/** What each ability is called in docs/object-stores.md. */
const SENTENCES: Readonly<Record<keyof S3Abilities, string>> = {
  writesOnlyIfAbsent: 'PUT honours `If-None-Match: *`',
  writesOnlyIfSame: 'PUT honours `If-Match`',
  completesOnlyIfAbsent: 'CompleteMultipartUpload honours `If-None-Match: *`',
  completesOnlyIfSame: 'CompleteMultipartUpload honours `If-Match`',
  deletesOnlyIfSame: 'DELETE honours `If-Match`',
  tellsOfMissing: 'DELETE with `If-Match` tells that nothing was there',
  checksCrc32c: 'PUT compares the body with `x-amz-checksum-crc32c`',
  checksWholeCrc32c: 'CompleteMultipartUpload compares the whole with its crc32c',
  hasDirectories: 'a key may be in the way of another (`a`, `a/b`)',
  listsInByteOrder: 'lists in the order of bytes',
  echoesStartAfter: '`start-after` gives that key, too',
};

/** The cells of one server in a table of the page, by its name in the head. */
export function columnOf(page: string, server: string): readonly string[] {
  const lines = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const head = lines.findIndex((cells) => cells.some((cell) => cell.startsWith(server)));
  const column = lines[head]?.findIndex((cell) => cell.startsWith(server)) ?? -1;
  const sentences = Object.values(SENTENCES);
  return sentences.map((sentence) => lines.find((cells) => cells[1] === sentence)?.[column] ?? 'missing');
}

export function columnFound(abilities: S3Abilities): readonly string[] {
  const names = Object.keys(SENTENCES) as (keyof S3Abilities)[];
  return names.map((name) => (abilities[name] ? 'yes' : 'no'));
}
