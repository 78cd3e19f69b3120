import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '../../src/schema/protos.ts';
import type { BenchContext } from '../frame/bench-context.ts';
import type { Benchmark, Row } from '../frame/benchmark.ts';
import { interleave } from '../frame/interleave.ts';
import type { ListServer } from '../processes/list-server.ts';
import type { LoadGenerator } from '../processes/load-generator.ts';
import { WireConnection } from '../wire/wire-connection.ts';

const PATH = '/google.longrunning.Operations/ListOperations';
const PAGE_SIZE = 256;
const SLICE_MS = 250;

/** A server with so many operations, and the pages that are asked of it. */
interface Listed {
  readonly address: string;
  readonly firstPage: Uint8Array;
  readonly middlePage: Uint8Array;
}

export const listPage: Benchmark = {
  name: 'list-page',
  target: 'List page of 256: flat from 10^3 to 10^7 operations (here to 10^5, with --large to 10^6)',
  run: async (context) => {
    const load = await context.process<LoadGenerator>('load-generator.ts');
    const few = await startListed(context, 1000);
    const many = await startListed(context, context.scaled(context.options.large ? 1_000_000 : 100_000));
    const pageMs = (address: string, message: Uint8Array) => async () => {
      const slice = { openCallCount: 1, durationMs: context.scaled(SLICE_MS), client: 'wire' as const };
      const { callCount, durationMs } = await load.call('saturate', { address, path: PATH, message, ...slice });
      return durationMs / callCount;
    };
    const runs = await interleave(context.runCount(15), {
      fewFirst: pageMs(few.address, few.firstPage),
      fewMiddle: pageMs(few.address, few.middlePage),
      manyFirst: pageMs(many.address, many.firstPage),
      manyMiddle: pageMs(many.address, many.middlePage),
    });
    return [
      pageRow('first page of many operations', runs.manyFirst, runs.fewFirst),
      pageRow('page in the middle of many', runs.manyMiddle, runs.fewMiddle),
    ];
  },
};

/** Flat: within what two runs of the same may differ by. */
function pageRow(name: string, many: readonly number[], few: readonly number[]): Row {
  return { name, unit: ' ms', runs: many, references: [{ name: 'of 1000', runs: few, target: { atMost: 1.2 } }] };
}

async function startListed(context: BenchContext, count: number): Promise<Listed> {
  context.progress(`creating ${String(count)} operations`);
  const server = await context.process<ListServer>('list-server.ts');
  const address = await server.call('listen', { databasePath: join(context.directory('database'), 'bench.db') });
  await server.call('fill', count);
  const connection = await WireConnection.open(address);
  let pageToken = '';
  for (let page = 0; page < Math.floor(count / PAGE_SIZE / 2); page += 1) {
    const { operations, nextPageToken } = await askPage(connection, pageToken);
    if (operations.length !== PAGE_SIZE) throw new Error(`a page holds ${String(operations.length)} operations`);
    pageToken = nextPageToken;
  }
  connection.close();
  return { address, firstPage: requestOf(''), middlePage: requestOf(pageToken) };
}

function requestOf(pageToken: string): Uint8Array {
  const filter = JSON.stringify({ projectId: 'bench' });
  const request = { name: 'transferOperations', filter, pageSize: PAGE_SIZE, pageToken };
  return encodeMessage('google.longrunning.ListOperationsRequest', request);
}

async function askPage(
  connection: WireConnection,
  pageToken: string,
): Promise<{ readonly operations: readonly unknown[]; readonly nextPageToken: string }> {
  const answer = await connection.answerOf(PATH, requestOf(pageToken));
  const { operations = [], nextPageToken = '' } = decodeMessage('google.longrunning.ListOperationsResponse', answer);
  return { operations: operations as readonly unknown[], nextPageToken: nextPageToken as string };
}
