import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StatusError } from '../../../src/core/status-error.ts';
import { MultipartParser } from '../../../src/http/multipart/multipart-parser.ts';

const LIMITS = { partHeaderMaxBytes: 1000, surroundingsMaxBytes: 500 };
const BOUNDARY = 'b-1';

interface Part {
  readonly header: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Parts of a body that arrives in these chunks. */
function parse(chunks: readonly Uint8Array[], boundary = BOUNDARY): readonly Part[] {
  const parser = new MultipartParser(boundary, LIMITS);
  const parts: { header: Part['header']; body: Buffer; isWhole: boolean }[] = [];
  for (const chunk of chunks) {
    for (const event of parser.push(chunk)) {
      const last = parts.at(-1);
      if (event.kind === 'part') {
        parts.push({ header: Object.fromEntries(event.header), body: Buffer.alloc(0), isWhole: false });
      } else if (last === undefined || last.isWhole) throw new Error(`${event.kind} outside of a part`);
      else if (event.kind === 'part-end') last.isWhole = true;
      else last.body = Buffer.concat([last.body, event.bytes]);
    }
  }
  parser.end();
  return parts.map(({ header, body }) => ({ header, body }));
}

const ofText = (text: string): readonly Part[] => parse([Buffer.from(text, 'latin1')]);
const bodies = (text: string): readonly string[] => ofText(text).map(({ body }) => body.toString('latin1'));

function compose(parts: readonly Part[], lineEnd: string): Buffer {
  const pieces = parts.flatMap(({ header, body }) => [
    `--${BOUNDARY}${lineEnd}`,
    ...Object.entries(header).map(([name, value]) => `${name}: ${value}${lineEnd}`),
    lineEnd,
    body,
    lineEnd,
  ]);
  return Buffer.concat([...pieces, `--${BOUNDARY}--${lineEnd}`].map((piece) => Buffer.from(piece as string)));
}

test.each([
  ['two parts', '--b-1\r\nA: 1\r\n\r\none\r\n--b-1\r\n\r\ntwo\r\n--b-1--\r\n', ['one', 'two']],
  ['lines that end in LF', '--b-1\nA: 1\n\none\n--b-1\n\ntwo\n--b-1--\n', ['one', 'two']],
  ['no line end behind the last boundary', '--b-1\r\n\r\none\r\n--b-1--', ['one']],
  ['text around the parts', 'before\r\n--b-1\r\n\r\none\r\n--b-1--\r\nbehind', ['one']],
  ['padding behind a boundary', '--b-1 \t\r\n\r\none\r\n--b-1\t\r\n\r\ntwo\r\n--b-1--', ['one', 'two']],
  ['an empty part, its header empty too', '--b-1\r\n\r\n--b-1--', ['']],
  ['an empty part with a header', '--b-1\r\nA: 1\r\n\r\n--b-1\r\nA: 2\r\n\r\n\r\n--b-1--', ['', '']],
  ['a carriage return before a boundary where lines end in LF', '--b-1\n\none\r\n--b-1--\n', ['one\r']],
  ['a bare LF before a boundary where lines end in CRLF', '--b-1\r\n\r\none\n--b-1--\r\n--b-1--', ['one\n--b-1--']],
  ['a line that begins as a boundary does', '--b-1\r\n\r\none\r\n--b-10\r\n--b-1--', ['one\r\n--b-10']],
  ['a line that begins as a boundary does, at once', '--b-1\r\n\r\n\r\n--b-1x\r\n--b-1--', ['\r\n--b-1x']],
])('reads %s', (_, text, expected) => {
  expect(bodies(text)).toEqual(expected);
});

test('gives the fields of headers in lower case, folded lines joined, the first of each name', () => {
  const [part] = ofText('--b-1\r\nContent-Type: a/b;\r\n  c=d \r\nX: 1\r\nx: 2\r\n\r\n\r\n--b-1--');
  expect(part?.header).toEqual({ 'content-type': 'a/b; c=d', x: '1' });
});

describe('refuses', () => {
  test.each([
    ['an empty body', ''],
    ['a body without a boundary', 'nothing of it'],
    ['a body that is cut off in a part', '--b-1\r\n\r\none'],
    ['a body that is cut off in its last boundary', '--b-1\r\n\r\none\r\n--b-1-'],
    ['a body that is cut off in a header', '--b-1\r\nA: 1'],
    ['a last boundary without a part', '--b-1--\r\n'],
    ['a header that is none', '--b-1\r\nno header\r\n\r\none\r\n--b-1--'],
    ['a header that has no end', `--b-1\r\n${'A: 1\r\n'.repeat(300)}`],
    ['too much before the parts', `${'x'.repeat(600)}\r\n--b-1\r\n\r\none\r\n--b-1--`],
    ['too much behind the parts', `--b-1\r\n\r\none\r\n--b-1--${'x'.repeat(600)}`],
  ])('%s', (_, text) => {
    expect(() => ofText(text)).toThrow(
      expect.objectContaining({ info: expect.objectContaining({ reason: 'MALFORMED_MULTIPART' }) }),
    );
  });

  test.each(['', ' ', 'a '.padEnd(72, 'b'), 'a\r\nb', 'a"'])('the boundary %p', (boundary) => {
    expect(() => parse([], boundary)).toThrow('boundary');
  });
});

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  // What boundaries are made of.
  fc
    .array(fc.constantFrom('\r', '\n', '--', 'b-1', '\r\n--b-', '\n--b-1 x', '-', 'x'), { maxLength: 12 })
    .map((all) => Buffer.from(all.join(''))),
);

test('gives parts back as they were composed, however they arrive', () => {
  const parts = fc.array(fc.record({ header: fc.constantFrom({}, { a: '1' }), body: bytes }), {
    minLength: 1,
    maxLength: 3,
  });
  const cuts = fc.array(fc.nat(), { maxLength: 30 });
  fc.assert(
    fc.property(parts, fc.constantFrom('\r\n', '\n'), cuts, (composed, lineEnd, at) => {
      const wanted = composed.map(({ header, body }) => ({ header, body: Buffer.from(body) }));
      // A composer chooses a boundary that its parts do not hold.
      fc.pre(
        wanted.every(
          ({ body }) =>
            !body
              .toString('latin1')
              .split('\n')
              .some((line) => /^--b-1(--|[ \t]*\r?$)/.test(line)),
        ),
      );
      const whole = compose(wanted, lineEnd);
      const places = [0, ...at.map((cut) => cut % (whole.length + 1)), whole.length].sort(
        (left, right) => left - right,
      );
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      expect(parse(chunks)).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('says of anything else that it is none, and of nothing that it is broken itself', () => {
  const piece = fc.constantFrom('--b-1', '\r\n', '\n', '--', 'A: 1', ': ', 'x', '\r\n\r\n', ' ', '\u0000');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parse(pieces.map((text) => Buffer.from(text)));
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    }),
    { numRuns: 500 },
  );
});

test('keeps no more of a part than a boundary is long', () => {
  const parser = new MultipartParser(BOUNDARY, LIMITS);
  expect([...parser.push(Buffer.from(`--${BOUNDARY}\r\n\r\n`))]).toHaveLength(1);
  let handed = 0;
  for (let count = 1; count <= 50; count += 1) {
    for (const event of parser.push(Buffer.alloc(1000, '\n'))) if (event.kind === 'data') handed += event.bytes.length;
    expect(count * 1000 - handed).toBeLessThanOrEqual(BOUNDARY.length + 4);
  }
});
