import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Reference, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { ListServer } from '../processes/list-server.ts';
import type { LoadGenerator } from '../processes/load-generator.ts';
import { WireConnection } from '../wire/wire-connection.ts';

const PATH = '/google.longrunning.Operations/ListOperations';
const PAGE_SIZE = 256;
const SLICE_MS = 250;
const FEW = 1000;
const MANY = 100_000;

/** What an index serves and few match; what each record is asked for, and nearly all match; what one record in 16 matches. */
const FILTERS = {
  none: '',
  indexed: 'done = true AND create_time > 2000-01-01T00:00:00Z',
  asked: 'metadata.status = QUEUED AND metadata.counters.objects_copied_to_sink > 5',
  rare: 'labels.part = 7',
} as const;

export const listFilter: Benchmark = {
  name: 'list-filter',
  target: 'List page of 256 with a filter: flat from 10^3 operations (here to 10^5, with --large to 10^6)',
  run: async (context) => {
    const load = await context.process<LoadGenerator>('load-generator.ts');
    const few = await startListed(context, FEW);
    const many = await startListed(context, context.scaled(context.options.large ? 10 * MANY : MANY));
    const pageMs = (address: string, filter: keyof typeof FILTERS) => async () => {
      const slice = { openCallCount: 1, durationMs: context.scaled(SLICE_MS), client: 'wire' as const };
      const message = requestOf(filter);
      const { callCount, durationMs } = await load.call('saturate', { address, path: PATH, message, ...slice });
      return durationMs / callCount;
    };
    const runs = await interleave(context.runCount(9), {
      fewIndexed: pageMs(few, 'indexed'),
      fewAsked: pageMs(few, 'asked'),
      manyPlain: pageMs(many, 'none'),
      manyIndexed: pageMs(many, 'indexed'),
      manyAsked: pageMs(many, 'asked'),
      manyRare: pageMs(many, 'rare'),
    });
    const plain: Reference = { name: 'without a filter', runs: runs.manyPlain };
    return [
      rowOf('300 that an index finds', runs.manyIndexed, [flat(runs.fewIndexed), plain]),
      rowOf('each record is asked, and nearly all match', runs.manyAsked, [flat(runs.fewAsked), plain]),
      rowOf('one record in 16 matches', runs.manyRare, [plain]),
    ];
  },
};

function rowOf(name: string, runs: readonly number[], references: readonly Reference[]): Row {
  return { name, unit: ' ms', runs, references };
}

/** Flat: within what two runs of the same may differ by. */
function flat(runs: readonly number[]): Reference {
  return { name: `of ${String(FEW)}`, runs, target: { atMost: 1.2 } };
}

/** @returns the address of a server with so many operations. */
async function startListed(context: BenchContext, count: number): Promise<string> {
  context.progress(`creating ${String(count)} operations`);
  const server = await context.process<ListServer>('list-server.ts');
  const address = await server.call('listen', { databasePath: join(context.directory('database'), 'bench.db') });
  await server.call('fillFiltered', count);
  const connection = await WireConnection.open(address);
  for (const filter of ['none', 'indexed', 'asked'] as const) await assertFull(connection, filter);
  connection.close();
  return address;
}

async function assertFull(connection: WireConnection, filter: keyof typeof FILTERS): Promise<void> {
  const answer = await connection.answerOf(PATH, requestOf(filter));
  const { operations = [] } = decodeMessage('google.longrunning.ListOperationsResponse', answer);
  const count = (operations as readonly unknown[]).length;
  if (count !== PAGE_SIZE) throw new Error(`a page of the filter ${FILTERS[filter]} holds ${String(count)} operations`);
}

function requestOf(filter: keyof typeof FILTERS): Uint8Array {
  const request = { name: 'operations', filter: FILTERS[filter], pageSize: PAGE_SIZE };
  return encodeMessage('google.longrunning.ListOperationsRequest', request);
}
