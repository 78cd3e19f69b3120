import type { Benchmark } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { NullS3 } from '../processes/null-s3.ts';
import type { S3Writer } from '../processes/s3-writer.ts';

const OBJECT_COUNT = 20_000;
const SIZE_BYTES = 4096;
const LANE_COUNT = 32;

export const s3Put: Benchmark = {
  name: 's3-put',
  target: 'S3 PUT of 4 KiB <= 150 µs client CPU',
  run: async (context) => {
    const server = await context.process<NullS3>('null-s3.ts');
    const endpoint = await server.call('listen');
    const writer = await context.process<S3Writer>('s3-writer.ts');
    const objectCount = context.scaled(OBJECT_COUNT);
    const measure = (by: 'store' | 'undici') => () =>
      writer.call('write', { endpoint, by, objectCount, sizeBytes: SIZE_BYTES, laneCount: LANE_COUNT });
    // The first of each is its warming up.
    const runs = await interleave(context.runCount(5) + 1, { store: measure('store'), undici: measure('undici') });
    const [ours, bare] = [runs.store.slice(1), runs.undici.slice(1)];
    return [
      {
        name: 'client CPU of a PUT of 4 KiB, 32 at once',
        unit: ' µs',
        runs: ours,
        target: { atMost: 150 },
        references: [{ name: 'undici, not signed', runs: bare }],
        note: 'signed, SHA-256, crc32c, metadata and If-None-Match; to a server that keeps nothing',
      },
    ];
  },
};
