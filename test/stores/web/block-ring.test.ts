import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BlockRing } from '../../../src/stores/web/block-ring.ts';

/** Writes as many of the next numbers as there is room for, and answers how many. */
function write(ring: BlockRing, from: number, countBytes: number): number {
  let written = 0;
  while (written < countBytes && !ring.isFull) {
    const { room } = ring;
    const here = Math.min(room.length, countBytes - written);
    for (let place = 0; place < here; place += 1) room[place] = (from + written + place) % 251;
    ring.wrote(here);
    written += here;
  }
  return written;
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), countBytes: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'take' as const), countBytes: fc.constant(0) }),
  ),
  { maxLength: 60 },
);

test('what was written is taken in its order, and what is taken does not change until it is released', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 16 }), (script, count, sizeBytes) => {
      const ring = new BlockRing(count, sizeBytes);
      let writtenBytes = 0;
      let seenBytes = 0;
      let held: { readonly block: Buffer; readonly copy: Buffer } | undefined;
      for (const { kind, countBytes } of script) {
        if (kind === 'write') writtenBytes += write(ring, writtenBytes, countBytes);
        if (kind === 'cut') ring.cut();
        if (held !== undefined) expect(held.block).toEqual(held.copy);
        if (kind !== 'take') continue;
        ring.release();
        const block = ring.take();
        held = block === undefined ? undefined : { block, copy: Buffer.from(block) };
        for (const byte of block ?? []) expect(byte).toBe(seenBytes++ % 251);
      }
      expect(seenBytes).toBeLessThanOrEqual(writtenBytes);
      expect(writtenBytes - seenBytes).toBeLessThanOrEqual(count * sizeBytes);
    }),
  );
});

test('a ring whose blocks are filled or taken is full until one is released', () => {
  const ring = new BlockRing(2, 4);
  expect(write(ring, 0, 100)).toBe(8);
  expect([ring.isFull, ring.take()?.length, ring.isFull]).toEqual([true, 4, true]);
  ring.release();
  expect([ring.isFull, ring.room.length]).toEqual([false, 4]);
});

test('a cut hands out a part of a block, and nothing where there is nothing', () => {
  const ring = new BlockRing(2, 4);
  ring.cut();
  expect(ring.take()).toBeUndefined();
  write(ring, 5, 1);
  ring.cut();
  expect(ring.take()).toEqual(Buffer.from([5]));
});

test('a ring that was reset begins anew, whatever was held', () => {
  const ring = new BlockRing(2, 4);
  write(ring, 0, 7);
  ring.take();
  ring.reset();
  expect([ring.isEmpty, ring.isFull, ring.room.length]).toEqual([true, false, 4]);
});
