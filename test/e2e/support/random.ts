import { createCipheriv, createHash, randomInt } from 'node:crypto';

/** The seed of this run, told with its figures: `E2E_SEED=… npm test` draws the same again. */
export function seedOfRun(): number {
  const given = process.env['E2E_SEED'];
  return given === undefined ? randomInt(2 ** 31) : Number(given);
}

/** Fills one buffer after the other with bytes that the seed decides, as fast as the processor encrypts. */
export function fillerOf(seed: number): (buffer: Buffer) => Buffer {
  const key = createHash('sha256').update(String(seed)).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  return (buffer) => {
    cipher.update(buffer.fill(0)).copy(buffer);
    return buffer;
  };
}
