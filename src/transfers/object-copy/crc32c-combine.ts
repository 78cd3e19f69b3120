/** CRC-32C's polynomial, least significant bit first (RFC 3720, appendix B.4, reflected). */
const POLYNOMIAL = 0x82f63b78;

/** A linear map of 32 bits to 32 bits: row i is what bit i is mapped to. */
type Matrix = Uint32Array;

/** operators[n] maps the crc of some bytes to the crc of those bytes and 2^n zero bytes; made as they are needed. */
const operators: Matrix[] = [];

/**
 * The crc32c of two runs of bytes together, from those of each, without reading either again.
 *
 * A crc is linear over GF(2): appending zero bytes is a matrix, squared for twice as many, and the second run's crc is added.
 * @param secondSizeBytes  length of the second run, a safe integer.
 */
export function combineCrc32c(first: number, second: number, secondSizeBytes: number): number {
  let crc = first;
  let rest = secondSizeBytes;
  for (let power = 0; rest > 0; power += 1) {
    if (rest % 2 === 1) crc = times(operatorOf(power), crc);
    rest = Math.floor(rest / 2);
  }
  return (crc ^ second) >>> 0;
}

function operatorOf(power: number): Matrix {
  for (let next = operators.length; next <= power; next += 1) {
    operators.push(next === 0 ? oneZeroByte() : squared(operators[next - 1] ?? new Uint32Array(32)));
  }
  return operators[power] ?? new Uint32Array(32);
}

function oneZeroByte(): Matrix {
  const bit = new Uint32Array(32);
  bit[0] = POLYNOMIAL;
  for (let index = 1; index < 32; index += 1) bit[index] = 1 << (index - 1);
  return squared(squared(squared(bit)));
}

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  let rest = vector >>> 0;
  for (let index = 0; rest !== 0; index += 1, rest >>>= 1) {
    if ((rest & 1) === 1) sum ^= matrix[index] ?? 0;
  }
  return sum >>> 0;
}

function squared(matrix: Matrix): Matrix {
  return matrix.map((row) => times(matrix, row));
}
