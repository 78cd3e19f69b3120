import { expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { UrlListReader, type ListedUrl } from '../../../src/stores/http-list/url-list.ts';

const MD5 = 'XUFAKrxLKna5cZ2REBfFkg==';
const list = (...lines: string[]): string => ['TsvHttpData-1.0', ...lines, ''].join('\n');
function parse(text: string, { objectCountMax = 100, chunkSize = Infinity } = {}): readonly ListedUrl[] {
  const reader = new UrlListReader(objectCountMax);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) reader.add(bytes.subarray(at, at + chunkSize));
  return reader.finish();
}

// HttpData.list_url: "the object's name at the sink is hostname/path": "without the scheme and the port".
test('names objects by host and path, and the query where there is one', () => {
  const objects = parse(list('https://Example.com:8443/a/b.txt', 'http://example.com/c?d=1#e'));
  expect(objects.map(({ key }) => key)).toEqual(['example.com/a/b.txt', 'example.com/c?d=1']);
});

test('reads sizes in bytes and MD5s in base64, either of which may be missing', () => {
  expect(parse(list(`https://h/a\t5\t${MD5}`, 'https://h/b\t7', `https://h/c\t\t${MD5}`, 'https://h/d'))).toEqual([
    { key: 'h/a', url: 'https://h/a', sizeBytes: 5, md5: '5d41402abc4b2a76b9719d911017c592' },
    { key: 'h/b', url: 'https://h/b', sizeBytes: 7 },
    { key: 'h/c', url: 'https://h/c', md5: '5d41402abc4b2a76b9719d911017c592' },
    { key: 'h/d', url: 'https://h/d' },
  ]);
});

test('sorts objects by their keys, which schemes and ports do not count for', () => {
  const objects = parse(list('http://b/1', 'https://a/2', 'https://a/1', 'http://a:80/0'));
  expect(objects.map(({ key }) => key)).toEqual(['a/0', 'a/1', 'a/2', 'b/1']);
});

test('takes a repeated line as one object, and refuses one name for two', () => {
  expect(parse(list('https://h/a', 'https://h/a'))).toHaveLength(1);
  expect(() => parse(list('http://h/a', 'https://h/a'))).toThrow('h/a more than once');
});

test('reads lines that end in CR LF, as some editors write them', () => {
  expect(parse(list('https://h/a\t5').replaceAll('\n', '\r\n'))).toMatchObject([{ key: 'h/a', sizeBytes: 5 }]);
});

test('reads an empty list', () => {
  expect(parse('TsvHttpData-1.0')).toEqual([]);
});

test.each([
  ['another first line', 'TsvHttpData-2.0\nhttps://h/a', 1],
  ['nothing', '', 1],
  ['a path alone', list('https://h/a', '/etc/passwd'), 3],
  ['another scheme', list('file:///etc/passwd'), 2],
  ['a password', list('https://me:secret@h/a'), 2],
  ['a size that is none', list('https://h/a\t5k'), 2],
  ['an MD5 in hex', list('https://h/a\t5\t5d41402abc4b2a76b9719d911017c592'), 2],
  ['a fourth column', list(`https://h/a\t5\t${MD5}\tx`), 2],
])('refuses %s, naming the line and no secret', (_, text, line) => {
  const refusal = (() => {
    try {
      parse(text);
    } catch (error) {
      return error as Error;
    }
    return undefined;
  })();
  expect(refusal).toMatchObject({ code: Code.INVALID_ARGUMENT, info: { metadata: { line: String(line) } } });
  expect(refusal?.message).toContain(`line ${line} `);
  expect(refusal?.message).not.toContain('secret');
});

test('refuses more objects than may be held', () => {
  expect(() => parse(list('https://h/a', 'https://h/b'), { objectCountMax: 1 })).toThrow('more than 1 objects');
});

test('reads a list in whatever pieces it comes, within a character, too', () => {
  const text = list('https://h/é\t5', 'https://h/a');
  expect(parse(text, { chunkSize: 1 })).toEqual(parse(text));
});
