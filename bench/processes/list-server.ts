/** A sidecar with many operations of one project, to be listed. */
import { EMPTY } from '../../src/core/any.ts';
import { packAny } from '../../src/schema/protos.ts';
import { startOperationsServer, type OperationsServer } from './operations-server.ts';
import { serveCalls } from './serve-calls.ts';

export const LISTED_PROJECT = 'bench';

/** Creates at a time: enough to share commits. */
const CREATES_OPEN = 500;

let server: OperationsServer | undefined;

async function listen(options: { readonly databasePath: string }): Promise<string> {
  server = await startOperationsServer(options);
  return server.address;
}

async function fill(count: number): Promise<void> {
  let createdCount = 0;
  const lane = async (): Promise<void> => {
    while (createdCount < count) await create((createdCount += 1));
  };
  await Promise.all(Array.from({ length: Math.min(CREATES_OPEN, count) }, lane));
}

async function create(number: number): Promise<void> {
  const name = `transferOperations/transferJobs-1-${String(number).padStart(9, '0')}`;
  const counters = { objectsFoundFromSource: '20000', bytesFoundFromSource: '81920000', objectsCopiedToSink: '20000' };
  await server?.operations.create({
    name,
    surface: 'storagetransfer',
    collection: LISTED_PROJECT,
    kind: 'bench.nobody',
    resource: 'transferJobs/1',
    request: EMPTY,
    metadata: packAny('google.storagetransfer.v1.TransferOperation', {
      name,
      projectId: LISTED_PROJECT,
      status: 'QUEUED',
      transferJobName: 'transferJobs/1',
      counters,
    }),
  });
}

const calls = { listen, fill };
export type ListServer = typeof calls;
serveCalls(calls);
