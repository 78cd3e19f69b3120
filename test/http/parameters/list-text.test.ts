import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerForm } from '../../../src/http/parameters/answer-forms.ts';
import { answerShape } from '../../../src/http/parameters/answer-shape.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { listText } from '../../../src/http/parameters/list-text.ts';
import { splitQuery } from '../../../src/http/parameters/split-query.ts';
import { systemParameters } from '../../../src/http/parameters/system-parameters.ts';
import { parseQuery } from '../../../src/http/request-target.ts';
import { protoMessageTypes } from '../../../src/schema/message-types.ts';
import { encodeMessage } from '../../../src/schema/protos.ts';
import { randomMessage } from '../../schema/json/random-message.ts';

const LIST = 'google.longrunning.ListOperationsResponse';
const LISTS = protoMessageTypes.names().filter((name) => /^(?!grpc).*\.List\w+Response$/.test(name));

/** There is room for everything. */
function noted(): void {}

function formOf(query: string, responseType: string) {
  const { system } = splitQuery(parseQuery(query));
  const { shape } = answerShape(system, 'GET');
  const options = { headers: {}, kind: 'message', responseType, limits: DEFAULT_FIELDS_LIMITS } as const;
  return answerForm(shape, systemParameters(system, options));
}

test('pages of every list are written as any message is', async () => {
  expect(LISTS.length).toBeGreaterThan(8);
  const queries = [
    '',
    'prettyPrint=false',
    '$outputDefaults=true',
    'fields=nextPageToken',
    'alt=json;enum-encoding=int',
  ];
  const cases = fc
    .constantFrom(...LISTS)
    .chain((name) => fc.record({ name: fc.constant(name), message: randomMessage(name) }));
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.constantFrom(...queries, 'callback=f', 'alt=proto'),
      async ({ name, message }, query) => {
        const form = formOf(query, name);
        const bytes = encodeMessage(name, message);
        expect(await form.page(name, bytes, noted)).toEqual(form.success(name, bytes));
      },
    ),
    { numRuns: 400 },
  );
});

test('members of elements can be selected', async () => {
  const operations = ['a', 'b'].map((name) => ({ name, done: true }));
  const bytes = encodeMessage(LIST, { operations, nextPageToken: 't' });
  const form = formOf('fields=operations/name&prettyPrint=false', LIST);
  expect((await form.page(LIST, bytes, noted)).body).toBe('{"operations":[{"name":"a"},{"name":"b"}]}');
});

test('others have their turns while a long page is written', async () => {
  const operations = Array.from({ length: 2000 }, (_, index) => ({
    name: `operations/${String(index)}${'x'.repeat(500)}`,
  }));
  let shownCount = 0;
  const written = listText(
    LIST,
    { operations },
    {
      form: 'compact',
      hold: noted,
      show: (message) => {
        shownCount += 1;
        return message as never;
      },
    },
  );
  const seen: number[] = [];
  let isOver = false;
  const look = (): void => {
    seen.push(shownCount);
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const text = await written;
  isOver = true;
  expect(JSON.parse(text)).toEqual({ operations });
  // A turn goes through 64 Ki characters: 128 of these, of one million.
  expect(new Set(seen).size).toBeGreaterThan(10);
});

test('a page is written no further than there is room for it', async () => {
  const operations = Array.from({ length: 100 }, () => ({ name: 'x'.repeat(1000) }));
  let shownCount = 0;
  let heldBytes = 0;
  const written = listText(
    LIST,
    { operations },
    {
      form: 'compact',
      show: (message) => {
        shownCount += 1;
        return message as never;
      },
      hold: (count) => {
        heldBytes += count;
        if (heldBytes > 10_000) throw new Error('full');
      },
    },
  );
  await expect(written).rejects.toThrow('full');
  // The rest of the message, and five elements of some 2,000 bytes.
  expect(shownCount).toBe(6);
});
