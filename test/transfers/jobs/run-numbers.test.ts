import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RunNumbers } from '../../../src/transfers/jobs/run-numbers.ts';

test('run numbers grow and stay within 20 digits, even when the clock goes back', () => {
  const clock = fc.array(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_003 }), { minLength: 2 });
  fc.assert(
    fc.property(clock, fc.double({ min: 0, max: 0.999999, noNaN: true }), (times, random) => {
      let calls = 0;
      const numbers = new RunNumbers(
        () => times[calls++] ?? 0,
        () => random,
      );
      const made = times.map(() => BigInt(numbers.next()));
      made.reduce((last, next) => {
        expect(next).toBeGreaterThan(last);
        return next;
      });
      expect(String(made.at(-1)).length).toBeLessThanOrEqual(20);
    }),
  );
});
