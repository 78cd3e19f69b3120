import { mkdirSync, truncateSync, utimesSync, writeFileSync, type PathLike } from 'node:fs';

const MIB = 1024 * 1024;

/** Names that break code which quotes, splits, decodes or sorts carelessly. None may hold a slash. */
const ODD_NAMES: readonly (string | Buffer)[] = [
  ' leading and trailing ',
  '-rf',
  '--',
  '.hidden',
  '...',
  '~',
  '#',
  'two\nlines',
  'tab\tand\rreturn',
  'quotes \' " `',
  'back\\slash',
  'glob * ? [a-z] {b,c}',
  '$HOME $(id) ; & | < >',
  '%2F%00',
  'colon:name',
  // Both forms of one letter are two names.
  '\u00e9',
  'e\u0301',
  // UTF-16 sorts these two the other way round than UTF-8 does.
  '\uffee',
  '\u{1f600}',
  // These sort around the slash of the directory `a/`.
  'a-b',
  'a.b',
  'a0b',
  // No UTF-8 at all, and half of a character.
  Buffer.from([0xff, 0xfe, 0x80]),
  Buffer.from([0x61, 0xc3]),
  // As long as a name can be.
  'n'.repeat(255),
  '\u20ac'.repeat(85),
];

/** Sizes around every border that a copier may have: pages, chunks of 1 MiB, and what is large. */
const SIZES_BYTES = [0, 1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, 3 * MIB + 5, 70 * MIB + 7];

/** Seconds since the epoch: before it, at it, before and after what 32 bits hold, and fractions. */
const MODIFY_TIMES_S = [-86_400, -1, 0, 1, 1e9, 1.5e9 + 0.123456, 1.6e9 + 0.999999, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1];

/** Plants files with odd names, sizes and times, also in directories with odd names; none of them is empty. */
export function plantOddTree(root: string): void {
  for (const directory of ['', 'a', 'sizes', 'times', deepPath()])
    mkdirSync(`${root}/${directory}`, { recursive: true });
  for (const [index, name] of ODD_NAMES.entries()) {
    plantFile(pathOf(root, name), { content: `file ${index}` });
    plantFile(pathOf(`${root}/a`, name), { content: `below a, ${index}` });
    const directory = Buffer.concat([Buffer.from(`${root}/`), Buffer.from('d'), Buffer.from(name).subarray(0, 254)]);
    mkdirSync(directory);
    plantFile(Buffer.concat([directory, Buffer.from('/'), Buffer.from(name)]), { content: `below itself, ${index}` });
  }
  for (const sizeBytes of SIZES_BYTES) plantFile(`${root}/sizes/${sizeBytes}`, { content: contentOf(sizeBytes) });
  for (const modifyTimeS of MODIFY_TIMES_S)
    plantFile(`${root}/times/at ${modifyTimeS}`, { content: 'then', modifyTimeS });
  plantFile(`${root}/${deepPath()}/file`, { content: 'deep' });
  plantFile(`${root}/sizes/hole`, { content: 'begin' });
  truncateSync(`${root}/sizes/hole`, 5 * MIB);
}

/** Changes some of what plantOddTree made: other content of the same size, longer, shorter, and new. */
export function changeOddTree(root: string): void {
  plantFile(`${root}/a/two\nlines`, { content: 'BELOW A, 7', modifyTimeS: 1.7e9 });
  plantFile(`${root}/sizes/4096`, { content: contentOf(4097) });
  plantFile(`${root}/sizes/${MIB}`, { content: contentOf(MIB - 1) });
  plantFile(`${root}/sizes/1`, { content: '' });
  plantFile(`${root}/a/new`, { content: 'new' });
}

function plantFile(
  path: PathLike,
  { content, modifyTimeS = 1.55e9 }: { readonly content: string | Buffer; readonly modifyTimeS?: number },
): void {
  writeFileSync(path, content, { mode: 0o644 });
  utimesSync(path, modifyTimeS, modifyTimeS);
}

function pathOf(directory: string, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name)]);
}

/** No two blocks are alike, so that one in the wrong place is noticed. */
function contentOf(sizeBytes: number): Buffer {
  const content = Buffer.alloc(sizeBytes);
  for (let offset = 0; offset + 4 <= sizeBytes; offset += 64) content.writeUInt32LE(offset, offset);
  return content;
}

function deepPath(): string {
  return Array.from({ length: 60 }, (_, depth) => `deep-${depth}`).join('/');
}
