import { expect, test } from '@jest/globals';
import { Code } from '../../../src/core/code.ts';
import { scanXml } from '../../../src/stores/web/scan-xml.ts';
import { byteStringOf } from '../../../src/transfers/byte-string.ts';

type Element = readonly [name: string, text: string, depth: number, attributes: string];

function elementsOf(document: string): Element[] {
  const elements: Element[] = [];
  scanXml(document, 's3://b', (...element) => elements.push(element));
  return elements;
}

test('tells each element when it ends, with its text', () => {
  const document = '<?xml version="1.0"?>\n<List>\n <Key>a b</Key>\n <Owner><ID>7</ID></Owner>\n</List>\n';
  expect(elementsOf(document)).toEqual([
    ['Key', 'a b', 2, ''],
    ['ID', '7', 3, ''],
    ['Owner', '', 2, ''],
    ['List', '', 1, ''],
  ]);
});

test('knows empty elements, attributes, comments and character data', () => {
  const document = '<L xmlns="x"><!-- <no> --><A/><B  c="1" /><C><![CDATA[<&>]]>!</C></L>';
  expect(elementsOf(document)).toEqual([
    ['A', '', 2, ''],
    ['B', '', 2, 'c="1"'],
    ['C', '<&>!', 2, ''],
    ['L', '', 1, 'xmlns="x"'],
  ]);
});

test('resolves entities to the bytes of their characters, also those that XML has no place for', () => {
  const [key] = elementsOf('<K>&amp;&lt;&gt;&quot;&apos;&#1;&#xD;&#x1F600;&#233;.</K>');
  expect(key?.[1]).toBe(byteStringOf('&<>"\'\u0001\r\u{1F600}é.'));
});

test('leaves the bytes of text as they are', () => {
  const [key] = elementsOf(`<K>${byteStringOf('é')}\xff</K>`);
  expect(key?.[1]).toBe('\xc3\xa9\xff');
});

test.each([
  ['', 'nothing'],
  ['no markup', 'no element'],
  ['<L><Key>a</Key>', 'cut between elements'],
  ['<L><Key>a</Ke', 'cut within a tag'],
  ['<L><Key>a', 'cut within text'],
  ['<L><A></B></L>', 'an end of another element'],
  ['<L></L><L></L>', 'two roots'],
  ['<L>&nope;</L>', 'an unknown entity'],
  ['<L>&amp</L>', 'an entity without its end'],
  ['<L>&#x110000;</L>', 'a character that is none'],
  ['<!DOCTYPE L [<!ENTITY a "b">]><L>&a;</L>', 'a document type'],
  ['<a>'.repeat(40) + '</a>'.repeat(40), 'more depth than any answer has'],
])('refuses %j: %s', (document) => {
  expect(() => elementsOf(document)).toThrow(expect.objectContaining({ code: Code.UNAVAILABLE }));
});
