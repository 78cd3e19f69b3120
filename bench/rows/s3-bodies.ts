import type { Benchmark, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { NullS3 } from '../processes/null-s3.ts';
import type { MoveToMeasure, S3Mover } from '../processes/s3-mover.ts';

const SIZE_BYTES = 2 ** 30;
const PART_SIZE_BYTES = 2 ** 24;
const LANE_COUNT = 4;

export const s3Bodies: Benchmark = {
  name: 's3-bodies',
  target: 'TRANSFER W7: <= 1.0 s CPU for each GiB that comes in from S3, <= 0.7 s for each that goes out',
  run: async (context) => {
    const server = await context.process<NullS3>('null-s3.ts');
    const endpoint = await server.call('listen');
    const mover = await context.process<S3Mover>('s3-mover.ts');
    const sizeBytes = Math.max(LANE_COUNT * PART_SIZE_BYTES, context.scaled(SIZE_BYTES));
    const measure = (by: MoveToMeasure['by'], direction: MoveToMeasure['direction']) => () =>
      mover.call('move', { endpoint, by, direction, sizeBytes, partSizeBytes: PART_SIZE_BYTES, laneCount: LANE_COUNT });
    const rows: Row[] = [];
    for (const [direction, target] of [['get', 1] as const, ['put', 0.7] as const]) {
      const runs = await interleave(context.runCount(5) + 1, {
        store: measure('store', direction),
        undici: measure('undici', direction),
        socket: measure('socket', direction),
      });
      rows.push({
        name: `client CPU of 1 GiB, ${direction.toUpperCase()} in parts of 16 MiB`,
        unit: ' s',
        // The first of each is its warming up.
        runs: runs.store.slice(1),
        target: { atMost: target },
        references: [
          { name: 'undici, no checksums', runs: runs.undici.slice(1) },
          { name: 'a socket and crc32c', runs: runs.socket.slice(1) },
        ],
        note: NOTES[direction],
      });
    }
    return rows;
  },
};

const NOTES = {
  get: 'with crc32c; from a server that has nothing but bytes of one value; nothing is written to a disk',
  put: 'with crc32c and, as always without TLS, SHA-256; to a server that keeps nothing',
} as const;
