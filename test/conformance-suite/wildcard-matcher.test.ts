import { expect, test } from '@jest/globals';
import { wildcardMatcher } from '../../src/conformance/wildcard-matcher.ts';

test.each([
  [['get-*'], 'get-unknown', true],
  [['get-*'], 'list-get-1', false],
  [['*-invalid', 'wait-zero'], 'list-invalid', true],
  [['*-invalid', 'wait-zero'], 'wait-zero', true],
  [['a.c'], 'abc', false],
  [['(', '['], '(', true],
  [[], 'anything', false],
])('%j and %s: %s', (patterns, text, expected) => {
  expect(wildcardMatcher(patterns)(text)).toBe(expected);
});
