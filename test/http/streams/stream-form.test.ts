import { describe, expect, test } from '@jest/globals';
import { eventStreamForm, jsonListForm, type StreamForm } from '../../../src/http/streams/stream-form.ts';

/** A whole body: two messages, one sign of life, and how it ends. */
function bodyOf(form: StreamForm, ending: () => string): string {
  return [
    form.beginning,
    form.message({ a: 1 }, 'c1'),
    form.alive('c2'),
    form.message({ b: '\n<' }, ''),
    ending(),
  ].join('');
}

describe('server-sent events', () => {
  const form = eventStreamForm(1000);

  test('are one event a message, with the cursor as its id, and comments in between', () => {
    expect(bodyOf(form, () => form.ending)).toBe(
      [
        'retry: 1000\n\n',
        'id: c1\ndata: {"a":1}\n\n',
        ': alive\nid: c2\n\n',
        'data: {"b":"\\n\\u003c"}\n\n',
        'event: end\nid: end\ndata: {}\n\n',
      ].join(''),
    );
  });

  test('end with the failure that ended them', () => {
    expect(form.failure({ error: { code: 503 } })).toBe('event: failure\ndata: {"error":{"code":503}}\n\n');
  });

  test('have no id where nothing has a cursor', () => {
    expect(form.alive('')).toBe(': alive\n\n');
  });
});

describe('a list in JSON', () => {
  test('has a message for each element', () => {
    const form = jsonListForm('compact');
    expect(JSON.parse(bodyOf(form, () => form.ending))).toEqual([{ a: 1 }, { b: '\n<' }]);
  });

  test('has the failure that ended it as its last element', () => {
    const form = jsonListForm('indented');
    expect(JSON.parse(bodyOf(form, () => form.failure({ error: { code: 503 } })))).toEqual([
      { a: 1 },
      { b: '\n<' },
      { error: { code: 503 } },
    ]);
  });

  test.each(['compact', 'indented'] as const)('that is empty is one: %s', (layout) => {
    const form = jsonListForm(layout);
    expect(JSON.parse(form.beginning + form.ending)).toEqual([]);
  });
});
