import { expect, test } from '@jest/globals';
import { givenTimeMs } from '../../src/schema/timestamp.ts';

test('reads a time that a caller gave, and cuts off what is finer than a millisecond', () => {
  expect(givenTimeMs({ seconds: '1', nanos: 1_999_999 }, 'deadline_time')).toBe(1001);
  expect(givenTimeMs({ seconds: -62_135_596_800 }, 'deadline_time')).toBe(-62_135_596_800_000);
});

// timestamp.proto: "Must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z inclusive"; nanos "must be from 0 to 999,999,999".
test.each([
  { seconds: '-62135596801' },
  { seconds: '253402300800' },
  { seconds: 0, nanos: -1 },
  { seconds: 0, nanos: 1_000_000_000 },
])('refuses %j, which is no timestamp, by the name of its field', (timestamp) => {
  expect(() => givenTimeMs(timestamp, 'deadline_time')).toThrow(
    expect.objectContaining({ code: 3, fieldViolations: [expect.objectContaining({ field: 'deadline_time' })] }),
  );
});
