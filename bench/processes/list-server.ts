/** A sidecar with many operations to be listed: those of one project, and those of a surface with AIP-160 filters. */
import { EMPTY, type Any } from '../../src/core/any.ts';
import { packAny } from '../../src/schema/protos.ts';
import { startOperationsServer, type OperationsServer } from './operations-server.ts';
import { serveCalls } from './serve-calls.ts';

export const LISTED_PROJECT = 'bench';

/** Operations with one label there are one in so many. */
const LABEL_COUNT = 16;

/** More than a page. */
const DONE_COUNT = 300;

/** Creates at a time: enough to share commits. */
const CREATES_OPEN = 500;

let server: OperationsServer | undefined;

async function listen(options: { readonly databasePath: string }): Promise<string> {
  server = await startOperationsServer(options);
  return server.address;
}

/** Operations of the project. */
async function fill(count: number): Promise<void> {
  await createAll(count, createTransfer);
}

/** Operations that filters look into; DONE_COUNT of them, or a few more, are done, and these are spread over all. */
async function fillFiltered(count: number): Promise<void> {
  const stride = Math.floor(count / DONE_COUNT);
  await createAll(count, async (number) => {
    const name = await createFiltered(number);
    if (number % stride === 0) await server?.operations.cancel(name, { reason: 'user', actor: 'bench' });
  });
}

async function createAll(count: number, create: (number: number) => Promise<void>): Promise<void> {
  let createdCount = 0;
  const lane = async (): Promise<void> => {
    while (createdCount < count) await create((createdCount += 1));
  };
  await Promise.all(Array.from({ length: Math.min(CREATES_OPEN, count) }, lane));
}

async function createTransfer(number: number): Promise<void> {
  const name = `transferOperations/transferJobs-1-${String(number).padStart(9, '0')}`;
  await server?.operations.create({
    name,
    surface: 'storagetransfer',
    collection: LISTED_PROJECT,
    kind: 'bench.nobody',
    resource: 'transferJobs/1',
    request: EMPTY,
    metadata: metadataOf(name),
  });
}

async function createFiltered(number: number): Promise<string> {
  const name = `operations/${String(number).padStart(9, '0')}`;
  await server?.operations.create({
    name,
    surface: 'longrunning',
    collection: 'operations',
    kind: 'bench.nobody',
    labels: { part: String(number % LABEL_COUNT) },
    request: EMPTY,
    metadata: metadataOf(name),
  });
  return name;
}

function metadataOf(name: string): Any {
  return packAny('google.storagetransfer.v1.TransferOperation', {
    name,
    projectId: LISTED_PROJECT,
    status: 'QUEUED',
    transferJobName: 'transferJobs/1',
    counters: { objectsFoundFromSource: '20000', bytesFoundFromSource: '81920000', objectsCopiedToSink: '20000' },
  });
}

const calls = { listen, fill, fillFiltered };
export type ListServer = typeof calls;
serveCalls(calls);
