const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Digits of the largest number of 64 bits: 18446744073709551615. */
const DIGIT_COUNT_MAX = 20;

/**
 * The whole number that a decimal text stands for: `12`, `-3`, `1e3`, `10.0`; undefined for another text, and for one beyond 64 bits.
 *
 * Never longer than its text: `1e999999999` is not written out.
 */
export function wholeNumber(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole === '') return undefined;
  const digits = whole + fraction;
  const start = leadingZeroCount(digits);
  if (start === digits.length) return 0n;
  const end = digits.length - trailingZeroCount(digits);
  const zeroCount = Number(exponent) - fraction.length + (digits.length - end);
  if (zeroCount < 0 || end - start + zeroCount > DIGIT_COUNT_MAX) return undefined;
  const size = BigInt(digits.slice(start, end) + '0'.repeat(zeroCount));
  return sign === '-' ? -size : size;
}

/** Loops, as a pattern for zeros at the end tries every zero of the text. */
function leadingZeroCount(digits: string): number {
  let count = 0;
  while (digits[count] === '0') count += 1;
  return count;
}

function trailingZeroCount(digits: string): number {
  let count = 0;
  while (digits[digits.length - 1 - count] === '0') count += 1;
  return count;
}
