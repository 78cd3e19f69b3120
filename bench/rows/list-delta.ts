import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Result } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { DeltaUsage, ListDelta } from '../processes/list-delta.ts';
import type { ListDeltaData } from '../processes/list-delta.thread.ts';

const SIZES = [10_000, 100_000, 1_000_000] as const;

export const listDelta: Benchmark = {
  name: 'list-delta',
  target:
    'TRANSFER W8: >= 300k keys/s for each core (<= 3.3 µs CPU a key), in memory that is flat from 10^4 to 10^6 objects',
  run: async (context) => {
    const [few, more, most] = SIZES.map((size) => context.scaled(size)) as [number, number, number];
    const runs = await interleave(context.runCount(5), {
      few: fresh(context, { objectCount: few, isCompared: true }),
      more: fresh(context, { objectCount: more, isCompared: true }),
      most: fresh(context, { objectCount: most, isCompared: true }),
      listings: fresh(context, { objectCount: most, isCompared: false }),
    });
    return rowsOf({ few, more, most }, runs);
  },
};

type Subject = 'few' | 'more' | 'most';
type Runs = Readonly<Record<Subject | 'listings', readonly DeltaUsage[]>>;

/** Each in a process of its own: the largest that another left would count as its own. */
function fresh(context: BenchContext, data: ListDeltaData): () => Promise<DeltaUsage> {
  return async () => {
    const delta = await context.process<ListDelta>('list-delta.ts');
    try {
      return await delta.call('run', data);
    } finally {
      await delta.stop();
    }
  };
}

function rowsOf(counts: Readonly<Record<Subject, number>>, runs: Runs): readonly Result[] {
  const text = (subject: Subject): string => `${counts[subject].toLocaleString('en-US')} objects`;
  const cpu = (subject: keyof Runs): readonly number[] => runs[subject].map(({ cpuUs }) => cpuUs);
  const peak = (subject: keyof Runs): readonly number[] => runs[subject].map(({ peakBytes }) => peakBytes / 1e6);
  const note = 'two equal listings with crc32c, made up in the same process, which is in the figure';
  return [
    {
      name: `no-op delta, ${text('most')}: CPU a key`,
      unit: ' µs',
      runs: cpu('most'),
      target: { atMost: 3.3 },
      references: [
        { name: text('few'), runs: cpu('few') },
        { name: text('more'), runs: cpu('more') },
        { name: 'the listings alone', runs: cpu('listings') },
      ],
      note,
    },
    {
      name: `no-op delta, ${text('most')}: peak memory`,
      unit: ' MB',
      runs: peak('most'),
      references: [
        { name: text('few'), runs: peak('few') },
        { name: text('more'), runs: peak('more'), target: { atMost: 1.1 } },
        { name: 'the listings alone', runs: peak('listings') },
      ],
      note,
    },
  ];
}
