/** Which modification times conditions select; sentences are those of transfer_types.proto. */
import { expect, test } from '@jest/globals';
import { isSelectedByTime, type ObjectConditions } from '../../../src/transfers/selection/object-conditions.ts';

const START_MS = 1_700_000_000_000;
const ALL = { includePrefixes: [], excludePrefixes: [] };

test.each<[string, Partial<ObjectConditions>]>([
  ['min: "Objects that do not have a "last modification time" are also transferred."', { minElapsedMs: 1000 }],
  ['max: "Objects that do not have a "last modification time" are also transferred."', { maxElapsedMs: 1000 }],
  ['since: "and objects that don\'t have a "last modification time" are transferred."', { modifiedSinceMs: START_MS }],
  [
    'before: "and objects that don\'t have a "last modification time" are transferred."',
    { modifiedBeforeMs: START_MS },
  ],
])('an object without a time passes, %s', (_sentence, conditions) => {
  expect(isSelectedByTime(NaN, START_MS, { ...ALL, ...conditions })).toBe(true);
});
