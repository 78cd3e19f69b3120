import { expect, test } from '@jest/globals';
import { jsonText } from '../../../src/cli/format/json-text.ts';

test('JSON holds no character that a terminal obeys, and reads as the same', () => {
  const value = { text: 'a\u001b[31m\u009b31m\u007f\u202e\u2028 ü 😀' };
  expect(jsonText(value)).toBe('{"text":"a\\u001b[31m\\u009b31m\\u007f\\u202e\\u2028 ü 😀"}');
  expect(JSON.parse(jsonText(value))).toEqual(value);
});
